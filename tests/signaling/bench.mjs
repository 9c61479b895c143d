// What `make bench-sockets` runs: how long an offer, a candidate and a change of a room take to a socket on this machine,
// beside a request that does nothing.

import { accounts } from './people.mjs';
import { Client } from './sockets.mjs';
import { freePort, Stack } from './stack.mjs';

const ROUNDS = 200;
const CHANGES = 40;
// In milliseconds, as they are promised for a laptop.
const LIMITS = { offer: 20, change: 300 };

async function member(stack, person, token) {
  const client = new Client(`${stack.url.replace('http', 'ws')}/spreed`);
  const { ticket } = await person.get('GET', '/signaling/settings');
  client.id = (await client.hello(person, ticket)).hello.sessionid;
  await person.join(token);
  await client.room(token, person);
  return client;
}

/** How long something takes each time, in milliseconds, sorted. */
async function times(rounds, act) {
  const taken = [];
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    await act(round);
    taken.push(performance.now() - begun);
  }
  return taken.sort((one, other) => one - other);
}

const percentile = (taken, share) => taken[Math.min(taken.length - 1, Math.floor(taken.length * share))];

const stack = new Stack(await freePort(), {});
try {
  await stack.process.ready;
  const [anna, ben] = await accounts(stack.url, 'anna', 'ben');
  const { token } = await anna.get('POST', '/room', { roomType: '3' });
  await anna.get('POST', `/room/${token}/participants`, { newParticipant: 'ben' });
  const [one, other] = [await member(stack, anna, token), await member(stack, ben, token)];
  const isMessage = (number) => (frame) => frame.type === 'message' && frame.message.data.number === number;
  const say = (type) => async (number) => {
    await one.tell(other, { type, number });
    await other.next(type, isMessage(number));
  };
  await times(20, say('offer'));
  const figures = {
    'a request that does nothing': await times(ROUNDS, () => anna.get('GET', '/ocs/v2.php/cloud/capabilities')),
    offer: await times(ROUNDS, say('offer')),
    candidate: await times(CHANGES, say('candidate')),
    change: await times(CHANGES, async (round) => {
      // From the answer on, which is after the commit.
      await anna.get('PUT', `/room/${token}`, { roomName: `Name ${round}` });
      await other.next('the name', (frame) => frame.room?.properties?.name === `Name ${round}`);
    }),
  };
  for (const [what, taken] of Object.entries(figures)) {
    console.log(`${what.padEnd(30)} p50 ${percentile(taken, 0.5).toFixed(1).padStart(6)} ms   p95 ${percentile(taken, 0.95).toFixed(1).padStart(6)} ms`);
  }
  const nothing = percentile(figures['a request that does nothing'], 0.5);
  for (const [what, limit] of Object.entries(LIMITS)) {
    const taken = percentile(figures[what], 0.5);
    console.log(`${what}: ${(taken / nothing).toFixed(1)} times a request that does nothing; at most ${limit} ms are promised`);
    if (taken > limit) process.exitCode = 1;
  }
} finally {
  await stack.process.stop();
}
process.exit();
