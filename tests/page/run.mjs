// What `make test-page` runs: people with browsers on stacks of their own, by sockets and by polls; pictures of every
// view, read by axe; and Lighthouse.

import { accounts } from '../signaling/people.mjs';
import { freePort, Stack } from '../signaling/stack.mjs';
import { launch } from './browser.mjs';
import { lighthouse } from './lighthouse.mjs';
import { story } from './stories.mjs';
import { pictures } from './views.mjs';

let passed = 0;
const check = (way) => (what) => {
  passed += 1;
  console.log(`ok     ${way}${what}`);
};
const only = process.env.ONLY;
const isWanted = (part) => !only || only.split(',').includes(part);

async function start(cleanup, environment) {
  const stack = new Stack(await freePort(), environment);
  cleanup.push(() => stack.process.stop());
  await stack.process.ready;
  return stack;
}

async function main(cleanup) {
  const own = await start(cleanup, {});
  const people = await accounts(own.url, 'anna', 'carl');
  const browser = await launch();
  cleanup.push(() => browser.close());
  if (isWanted('sockets')) await story(check('by sockets: '), browser, own.url, people, true);
  if (isWanted('polls')) {
    const polling = await start(cleanup, { WEB_SOCKETS: 'false' });
    await story(check('by polls: '), browser, polling.url, await accounts(polling.url, 'anna', 'carl'), false);
  }
  if (isWanted('views')) await pictures(check(''), browser, own.url);
  if (isWanted('lighthouse')) await lighthouse(check(''), own.url);
}

const cleanup = [];
let failure;
for (const name of ['SIGINT', 'SIGTERM']) {
  process.once(name, () => { console.error(`${name}: cleaning up`); end().then(() => process.exit(1)); });
}

async function end() {
  for (const step of cleanup.splice(0).reverse()) await step().catch((cause) => console.error(String(cause)));
}

try {
  await main(cleanup);
} catch (cause) {
  failure = cause;
  console.log(`WRONG  ${cause?.stack ?? cause}`);
}
await end();
console.log(`${passed} passed, ${failure ? 1 : 0} failed`);
process.exit(failure ? 1 : 0);
