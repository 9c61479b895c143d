// What `make test-signaling` runs: the external server with our API behind it, and calls between real browsers.

import { accounts, Person } from './people.mjs';
import { browsersMeet, launch } from './browser.mjs';
import { clientsMeet } from './sockets.mjs';
import { freePort, SignalingServer, Stack } from './stack.mjs';

let passed = 0;
function check(what) {
  passed += 1;
  console.log(`ok     ${what}`);
}

async function main(cleanup) {
  const [one, other] = [await freePort(), await freePort()];
  const server = await SignalingServer.start(`http://127.0.0.1:${other}/`);
  cleanup.push(() => server.stop());
  await server.process.ready;
  const internal = new Stack(one, {});
  cleanup.push(() => internal.process.stop());
  await internal.process.ready;
  const external = new Stack(other, {
    SIGNALING_SERVER: server.address, SIGNALING_SECRET_PARAMETER: `file:${server.secretFile}` });
  cleanup.push(() => external.process.stop());
  await external.process.ready;

  const people = await accounts(external.url, 'anna', 'ben');
  await clientsMeet(check, server, people, new Person(external.url, undefined));

  const browser = await launch();
  cleanup.push(() => browser.close());
  const [owner] = await accounts(internal.url, 'anna');
  await browsersMeet(check, browser, 'internal', internal.url, owner);
  await browsersMeet(check, browser, 'external', external.url, people[0]);
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
