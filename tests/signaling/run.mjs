// What `make test-signaling` runs: the real signaling server and our own, each with our API behind it, and calls between
// real browsers.

import { accounts, Person } from './people.mjs';
import { browsersMeet, launch, oneIsCutOff } from './browser.mjs';
import { clientsMeet } from './sockets.mjs';
import { freePort, SignalingServer, Stack } from './stack.mjs';
import { compare, play } from './transcript.mjs';

let passed = 0;
function check(what) {
  passed += 1;
  console.log(`ok     ${what}`);
}

/** A stack that is up and goes with the test. */
async function start(cleanup, port, environment) {
  const stack = new Stack(port, environment);
  cleanup.push(() => stack.process.stop());
  await stack.process.ready;
  return stack;
}

async function main(cleanup) {
  const [one, two, three] = [await freePort(), await freePort(), await freePort()];
  const server = await SignalingServer.start(`http://127.0.0.1:${three}/`);
  cleanup.push(() => server.stop());
  await server.process.ready;
  const polling = await start(cleanup, one, { WEB_SOCKETS: 'false' });
  const own = await start(cleanup, two, {});
  const external = await start(cleanup, three, {
    SIGNALING_SERVER: server.address, SIGNALING_SECRET_PARAMETER: `file:${server.secretFile}` });

  const ways = [['our own sockets', own, { socket: `ws://127.0.0.1:${two}/spreed` }], ['the real server', external, server]];
  const transcripts = [];
  const owners = new Map();
  for (const [way, stack, { socket }] of ways) {
    const people = await accounts(stack.url, 'anna', 'ben');
    owners.set(stack, people[0]);
    await clientsMeet((what) => check(`${way}: ${what}`), { socket }, people, new Person(stack.url, undefined));
    transcripts.push(await play(socket, people, new Person(stack.url, undefined)));
  }
  const { steps, differences } = compare(...transcripts);
  check(`${steps} steps of three clients are told alike by both, but that`);
  for (const what of differences) console.log(`         ${what}`);

  const browser = await launch();
  cleanup.push(() => browser.close());
  const [anna] = await accounts(polling.url, 'anna');
  await browsersMeet(check, browser, 'polls', polling.url, anna);
  await browsersMeet(check, browser, 'sockets', own.url, owners.get(own));
  await browsersMeet(check, browser, 'a socket and polls', own.url, owners.get(own), { polls: true });
  await oneIsCutOff(check, browser, own.url, owners.get(own));
  await browsersMeet(check, browser, 'the real server', external.url, owners.get(external));
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
