// What `make test-signaling` runs: the real signaling server and our own, each with our API behind it, and calls between
// real browsers.

import { accounts, Person } from './people.mjs';
import { browsersMeet, launch, oneIsCutOff } from './browser.mjs';
import { clientsMeet } from './sockets.mjs';
import { freePort, SignalingServer } from './stack.mjs';
import { run } from './suite.mjs';
import { compare, play } from './transcript.mjs';

await run(async (suite) => {
  const check = (what) => suite.check(what);
  const three = await freePort();
  const server = await SignalingServer.start(`http://127.0.0.1:${three}/`);
  suite.cleanup.push(() => server.stop());
  await server.process.ready;
  const polling = await suite.start({ WEB_SOCKETS: 'false' });
  const own = await suite.start({});
  const external = await suite.start({
    SIGNALING_SERVER: server.address, SIGNALING_SECRET_PARAMETER: `file:${server.secretFile}` }, three);

  const ways = [['our own sockets', own, { socket: `${own.url.replace('http', 'ws')}/spreed` }], ['the real server', external, server]];
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
  suite.cleanup.push(() => browser.close());
  const [anna] = await accounts(polling.url, 'anna');
  await browsersMeet(check, browser, 'polls', polling.url, anna);
  await browsersMeet(check, browser, 'sockets', own.url, owners.get(own));
  await browsersMeet(check, browser, 'a socket and polls', own.url, owners.get(own), { polls: true });
  await oneIsCutOff(check, browser, own.url, owners.get(own));
  await browsersMeet(check, browser, 'the real server', external.url, owners.get(external));
});
