// What `make test-page` runs: people with browsers on stacks of their own, by sockets and by polls; pictures of every
// view, read by axe; and Lighthouse.

import { accounts } from '../signaling/people.mjs';
import { freePort, MediaServer, SignalingServer } from '../signaling/stack.mjs';
import { run } from '../signaling/suite.mjs';
import { launch } from './browser.mjs';
import { lighthouse } from './lighthouse.mjs';
import { story } from './stories.mjs';
import { pictures } from './views.mjs';

/** The story on a stack that has a signaling server of its own, with a media server or without. */
async function byAServer(suite, check, browser, media) {
  const port = await freePort();
  const server = await SignalingServer.start(`http://127.0.0.1:${port}/`, media);
  suite.cleanup.push(() => server.stop());
  await server.process.ready;
  const { url } = await suite.start({
    SIGNALING_SERVER: server.address, SIGNALING_SECRET_PARAMETER: `file:${server.secretFile}` }, port);
  await story(check, browser, url, await accounts(url, 'anna', 'carl'), true);
}

const only = process.env.ONLY;
const isWanted = (part) => !only || only.split(',').includes(part);

await run(async (suite) => {
  const check = (way) => (what) => suite.check(`${way}${what}`);
  const own = await suite.start({});
  const people = await accounts(own.url, 'anna', 'carl');
  const browser = await launch();
  suite.cleanup.push(() => browser.close());
  if (isWanted('sockets')) await story(check('by sockets: '), browser, own.url, people, true);
  if (isWanted('polls')) {
    const polling = await suite.start({ WEB_SOCKETS: 'false' });
    await story(check('by polls: '), browser, polling.url, await accounts(polling.url, 'anna', 'carl'), false);
  }
  if (isWanted('server')) await byAServer(suite, check('by a server: '), browser);
  // Debian 12's signaling server has a patch by which it refuses every offer to a media server. Another one, and Debian's
  // package janus: SIGNALING_PROGRAM=.../server make test-page
  if (process.env.SIGNALING_PROGRAM && isWanted('media')) {
    const media = await MediaServer.start();
    suite.cleanup.push(() => media.stop());
    await media.process.ready;
    await byAServer(suite, check('by a media server: '), browser, media);
  }
  if (isWanted('views')) await pictures(check(''), browser, own.url);
  if (isWanted('lighthouse')) await lighthouse(check(''), own.url);
});
