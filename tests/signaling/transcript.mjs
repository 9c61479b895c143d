// One script of clients, played against the real signaling server and against our own, and what they are told.

import { Client } from './sockets.mjs';

const SETTLE_MILLISECONDS = 400;
const PATIENCE_MILLISECONDS = 25_000;

/** A client whose frames are written down, in names instead of ids. */
class Actor {
  constructor(name, person, names) {
    Object.assign(this, { name, person, names, heard: [], room: new Set(), call: {}, shapes: {} });
  }

  open(address) {
    this.client = new Client(address, (frame) => this.hear(frame));
    return this.client.open;
  }

  hear(frame) {
    if (frame.type === 'hello') {
      this.names.set(frame.hello.sessionid, `<${this.name}>`);
      this.names.set(frame.hello.resumeid, `<resume ${this.name}>`);
      this.resume = frame.hello.resumeid ?? this.resume;
      this.id = frame.hello.sessionid;
    }
    const event = frame.type === 'event' ? frame.event : {};
    // Who is there is told in as many frames as a server likes; what counts is what the client knows then.
    if (event.target === 'room' && event.type === 'join') {
      for (const entry of event.join) {
        this.room.add(this.named(entry.sessionid));
        this.shape('join', entry);
      }
    } else if (event.target === 'room' && event.type === 'leave') {
      for (const id of event.leave) {
        this.room.delete(this.named(id));
        delete this.call[this.named(id)];
      }
      this.shape('leave', frame);
    } else if (event.target === 'participants' && event.type === 'update') {
      for (const user of event.update.users ?? []) {
        const name = this.named(user.sessionId);
        if (user.inCall) this.call[name] = { inCall: user.inCall, type: user.participantType, user: user.userId };
        else delete this.call[name];
        this.shape(user.inCall ? 'present' : 'absent', user);
      }
    } else {
      this.heard.push(this.blanked(frame));
    }
  }

  named(id) {
    return this.names.get(id) ?? '<somebody>';
  }

  /** The fields of an entry, and their kinds. */
  shape(kind, entry) {
    this.shapes[kind] ??= {};
    for (const [name, value] of Object.entries(entry)) this.shapes[kind][name] = typeof value;
  }

  blanked(value) {
    if (Array.isArray(value)) return value.map((entry) => this.blanked(entry));
    if (value && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, name === 'lastPing' ? 0 : this.blanked(entry)]));
    }
    return this.names.get(value) ?? value;
  }

  ask(frame) {
    return this.client.send(frame);
  }

  /** What proves to be this person, in the name of somebody. */
  auth(userid = this.person.id ?? '') {
    const url = `${this.person.url}/ocs/v2.php/apps/spreed/api/v1/signaling/backend`;
    return { auth: { url, params: { userid, ticket: this.ticket } } };
  }

  hello(proof = this.auth()) {
    return this.ask({ id: 'hello', type: 'hello', hello: { version: '1.0', ...proof } });
  }

  say(recipient, data, type = 'message') {
    return this.ask({ type, [type]: { recipient, data } });
  }
}

/** Waits until something holds. */
async function until(what, holds) {
  const end = Date.now() + PATIENCE_MILLISECONDS;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const calls = (actor, ...others) => () => others.every((other) => actor.call[`<${other}>`]?.inCall === 7);
const heard = (actor, fits) => () => actor.heard.some(fits);

/** Plays the script; what each actor heard and knew after each step. */
export async function play(address, [anna, ben], guest) {
  const names = new Map();
  const { token } = await anna.get('POST', '/room', { roomType: '3' });
  names.set(token, '<room>');
  await anna.get('POST', `/room/${token}/participants`, { newParticipant: 'ben' });
  const cast = { anna: new Actor('anna', anna, names), ben: new Actor('ben', ben, names), guest: new Actor('guest', guest, names) };
  const script = [];
  async function step(what, act, ...conditions) {
    await act();
    for (const condition of conditions) await until(`${what}: ${condition}`, condition);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MILLISECONDS));
    const actors = Object.values(cast).map((actor) => [actor.name, {
      heard: actor.heard.splice(0), room: [...actor.room].sort(), call: Object.fromEntries(Object.entries(actor.call).sort()) }]);
    script.push({ step: what, ...Object.fromEntries(actors) });
  }
  const { anna: a, ben: b, guest: g } = cast;
  const actors = [a, b, g];
  try {
    await step('nobody said hello yet', async () => {
      for (const actor of actors) {
        actor.ticket = (await actor.person.get('GET', '/signaling/settings')).ticket;
        await actor.open(address);
      }
    });
    await step('tickets of others', async () => {
      await a.hello(b.auth('anna'));
    }, heard(a, (frame) => frame.type === 'error'));
    await step('hello', async () => {
      for (const actor of actors) await actor.hello();
    }, ...actors.map((actor) => heard(actor, (frame) => frame.type === 'hello')));
    await step('rubbish', async () => a.client.socket.send('{'), heard(a, (frame) => frame.type === 'error'));
    await step('what is not known', () => a.ask({ id: '1', type: 'nonsense' }));
    await step('nobody to talk to', () => a.ask({ id: '2', type: 'message', message: { recipient: { type: 'session' }, data: 1 } }), heard(a, (frame) => frame.id === '2'));
    await step('no room', () => a.ask({ id: '3', type: 'room' }), heard(a, (frame) => frame.id === '3'));
    await step('no such room', () => a.ask({ id: '4', type: 'room', room: { roomid: 'nosuchroom' } }), heard(a, (frame) => frame.id === '4'));
    // A guest has to be in a room within ten seconds.
    for (const actor of [g, a, b]) {
      await step(`${actor.name} enters`, async () => {
        await actor.person.join(token);
        await actor.ask({ id: 'room', type: 'room', room: { roomid: token, sessionid: actor.person.session } });
      }, heard(actor, (frame) => frame.id === 'room'), () => g.room.has(`<${actor.name}>`) && actor.room.has(`<${actor.name}>`));
    }
    await step('all know all', async () => {}, ...actors.map((actor) => calls(actor, 'anna', 'ben', 'guest')));
    await step('an offer', () => a.say({ type: 'session', sessionid: b.id }, { type: 'offer', payload: { sdp: 'v=0' } }), heard(b, (frame) => frame.type === 'message'));
    await step('a candidate of the guest', () => g.say({ type: 'session', sessionid: a.id }, { type: 'candidate', n: 1.5 }), heard(a, (frame) => frame.type === 'message'));
    await step('to a user', () => g.say({ type: 'user', userid: 'ben' }, { type: 'mute' }), heard(b, (frame) => frame.type === 'message'));
    await step('to the room', () => b.say({ type: 'room' }, { type: 'raiseHand' }), ...[a, g].map((actor) => heard(actor, (frame) => frame.type === 'message')));
    await step('control', () => a.say({ type: 'session', sessionid: b.id }, { action: 'forceMute' }, 'control'), heard(b, (frame) => frame.type === 'control'));
    await step('to nobody', () => a.say({ type: 'session', sessionid: 'nobody' }, { type: 'offer' }));
    await step('another name', () => anna.get('PUT', `/room/${token}`, { roomName: 'Team' }), heard(g, (frame) => JSON.stringify(frame).includes('Team')));
    await step('a promotion', () => anna.get('POST', `/room/${token}/moderators`, { participant: 'ben' }), () => g.call['<ben>']?.type === 2);
    await step('the network of Ben goes', async () => {
      b.client.socket.terminate();
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MILLISECONDS));
      await a.say({ type: 'session', sessionid: b.id }, { type: 'offer', payload: { sdp: 'missed' } });
    });
    await step('Ben resumes', async () => {
      await b.open(address);
      await b.hello({ resumeid: b.resume });
    }, heard(b, (frame) => frame.type === 'message'));
    await step('the guest says bye', () => g.ask({ id: 'bye', type: 'bye', bye: {} }), () => !a.room.has('<guest>'));
    await step('what the guest says is over', async () => {
      await g.open(address);
      await g.hello({ resumeid: g.resume });
    }, heard(g, (frame) => frame.type === 'error'));
    await step('Ben is removed', () => anna.get('DELETE', `/room/${token}/participants`, { participant: 'ben' }), heard(b, (frame) => frame.event?.type === 'disinvite'), () => !a.room.has('<ben>'));
    await step('Anna leaves the room', () => a.ask({ id: 'leave', type: 'room', room: { roomid: '' } }), heard(a, (frame) => frame.id === 'leave'));
    await step('Anna says bye', () => a.ask({ id: 'bye', type: 'bye', bye: {} }), heard(a, (frame) => frame.type === 'bye'));
  } finally {
    for (const actor of actors) actor.client?.close();
  }
  const shapes = Object.fromEntries(actors.map((actor) => [actor.name, actor.shapes]));
  return { script, shapes };
}

const ACTORS = ['anna', 'ben', 'guest'];
const eachFrame = (change) => ({ script }) => script.forEach((step) => ACTORS.forEach((actor) => step[actor].heard.forEach(change)));
const eachShape = (change) => ({ shapes }) => Object.values(shapes).forEach(change);

/** How ours differs from the real server, each with its reason. A difference that is not seen any more fails. */
const DIFFERENCES = [
  ['sentences are our own',
    eachFrame((frame) => frame.error && delete frame.error.message)],
  ['the release and the features: there is no media server, and messages go to all in the call, too',
    eachFrame((frame) => frame.hello && delete frame.hello.server)],
  ['session ids of the API stay with their owners: with that of a guest others could act in the guest\'s name',
    eachShape((shapes) => shapes.join && delete shapes.join.roomsessionid)],
  ['somebody who is gone is told as out of the call as well as out of the room',
    eachShape((shapes) => delete shapes.absent)],
  ['after a resume the real server repeats what it heard last, which was before the promotion; ours looks',
    ({ script }) => delete script.find(({ step }) => step === 'Ben resumes').ben.call['<ben>']],
  ['the real server learns that somebody is in the call when it pings, up to ten seconds later',
    ({ script }) => script.slice(0, script.findIndex(({ step }) => step === 'all know all')).forEach((step) => ACTORS.forEach((actor) => delete step[actor].call))],
];

const sorted = (value) => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value && typeof value === 'object') return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
  return value;
};

/** Tells where two transcripts differ that should not. */
export function compare(own, real) {
  const wrong = [];
  for (const [what, leaveOut] of DIFFERENCES) {
    const before = JSON.stringify([sorted(own), sorted(real)]);
    const differed = JSON.stringify(sorted(own)) !== JSON.stringify(sorted(real));
    [own, real].forEach(leaveOut);
    if (!differed || before === JSON.stringify([sorted(own), sorted(real)])) wrong.push(`no difference any more: ${what}`);
  }
  const differ = (what, one, two) => {
    const [ours, theirs] = [one, two].map((it) => JSON.stringify(sorted(it)));
    if (ours !== theirs) wrong.push(`${what}:\n  ours   ${ours}\n  theirs ${theirs}`);
  };
  own.script.forEach((step, place) => ACTORS.forEach((actor) => differ(`${step.step}, ${actor}`, step[actor], real.script[place][actor])));
  differ('the fields of entries', own.shapes, real.shapes);
  if (wrong.length) throw new Error(`Ours is not like the real server.\n${wrong.join('\n')}`);
  return { steps: own.script.length, differences: DIFFERENCES.map(([what]) => what) };
}
