// What `make test-page` runs: people with browsers on stacks of their own, by each way of signaling; pictures of every
// view, read by axe; and Lighthouse.

import { accounts } from '../signaling/people.mjs';
import { freePort, MediaServer, SignalingServer } from '../signaling/stack.mjs';
import { run } from '../signaling/suite.mjs';
import { launch } from './browser.mjs';
import { talk } from './chat.mjs';
import { lighthouse } from './lighthouse.mjs';
import { story } from './stories.mjs';
import { pictures } from './views.mjs';

/** A stack that has a signaling server of its own, with a media server or without. */
async function byAServer(suite, media) {
  const port = await freePort();
  const server = await SignalingServer.start(`http://127.0.0.1:${port}/`, media);
  suite.cleanup.push(() => server.stop());
  await server.process.ready;
  return suite.start({ SIGNALING_SERVER: server.address, SIGNALING_SECRET_PARAMETER: `file:${server.secretFile}` }, port);
}

const only = process.env.ONLY;
const isWanted = (part) => !only || only.split(',').includes(part);

/** The stories of one way of signaling, on a stack that is only started for those that are wanted. */
async function stories(check, browser, way, hasSockets, start) {
  if (!isWanted(way) && !isWanted('chat')) return;
  const { url } = await start();
  const people = await accounts(url, 'anna', 'carl');
  if (isWanted('chat')) await talk(check, browser, people, hasSockets);
  if (isWanted(way)) await story(check, browser, url, people, hasSockets);
}

await run(async (suite) => {
  const check = (way) => (what) => suite.check(`${way}${what}`);
  const own = await suite.start({});
  const browser = await launch();
  suite.cleanup.push(() => browser.close());
  await stories(check('by sockets: '), browser, 'sockets', true, async () => own);
  await stories(check('by polls: '), browser, 'polls', false, () => suite.start({ WEB_SOCKETS: 'false' }));
  await stories(check('by a server: '), browser, 'server', true, () => byAServer(suite));
  // Debian 12's signaling server has a patch by which it refuses every offer to a media server. Another one, and Debian's
  // package janus: SIGNALING_PROGRAM=.../server make test-page
  if (process.env.SIGNALING_PROGRAM && isWanted('media')) {
    const media = await MediaServer.start();
    suite.cleanup.push(() => media.stop());
    await media.process.ready;
    await stories(check('by a media server: '), browser, 'media', true, () => byAServer(suite, media));
  }
  if (isWanted('views')) await pictures(check(''), browser, own.url);
  if (isWanted('lighthouse')) await lighthouse(check(''), own.url);
});
