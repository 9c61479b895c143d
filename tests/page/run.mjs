// What `make test-page` runs: people with browsers on stacks of their own, by sockets and by polls; pictures of every
// view, read by axe; and Lighthouse.

import { accounts } from '../signaling/people.mjs';
import { run } from '../signaling/suite.mjs';
import { launch } from './browser.mjs';
import { lighthouse } from './lighthouse.mjs';
import { story } from './stories.mjs';
import { pictures } from './views.mjs';

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
  if (isWanted('views')) await pictures(check(''), browser, own.url);
  if (isWanted('lighthouse')) await lighthouse(check(''), own.url);
});
