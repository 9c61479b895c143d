// The external signaling server as its clients know it, with our API behind it.

import assert from 'node:assert/strict';
import WebSocket from 'ws';

const PATIENCE_MILLISECONDS = 20_000;

/** A client of the signaling server. */
export class Client {
  /** `hear` gets each frame, too. */
  constructor(address, hear = () => {}) {
    this.socket = new WebSocket(address);
    this.unread = [];
    this.waiting = new Set();
    this.socket.on('message', (data) => {
      const frame = JSON.parse(data);
      hear(frame);
      this.unread.push(frame);
      for (const look of this.waiting) look();
    });
    this.open = new Promise((resolve, reject) => this.socket.once('open', resolve).once('error', reject));
  }

  async send(message) {
    await this.open;
    this.socket.send(JSON.stringify(message));
  }

  /** The first message that fits, whenever it comes. */
  next(what, fits) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const place = this.unread.findIndex(fits);
        if (place < 0) return;
        this.waiting.delete(look);
        clearTimeout(late);
        resolve(this.unread.splice(place, 1)[0]);
      };
      const late = setTimeout(() => {
        this.waiting.delete(look);
        reject(new Error(`${what} did not come; there is ${JSON.stringify(this.unread)}`));
      }, PATIENCE_MILLISECONDS);
      this.waiting.add(look);
      look();
    });
  }

  async hello(person, ticket) {
    const url = `${person.url}/ocs/v2.php/apps/spreed/api/v1/signaling/backend`;
    await this.send({ id: 'hello', type: 'hello', hello: { version: '1.0', auth: { url, params: { userid: person.id ?? '', ticket } } } });
    return this.next('an answer to hello', (message) => message.id === 'hello');
  }

  /** Enters the room of the server in which the person's session is; the empty name leaves. */
  async room(token, person) {
    await this.send({ id: 'room', type: 'room', room: { roomid: token, sessionid: person.session } });
    return this.next('an answer to room', (message) => message.id === 'room');
  }

  async tell(recipient, data) {
    await this.send({ type: 'message', message: { recipient: { type: 'session', sessionid: recipient.id }, data } });
  }

  close() {
    this.socket.close();
  }
}

async function connect(address, person, token) {
  const client = new Client(address);
  const { ticket, server } = await person.get('GET', '/signaling/settings');
  assert.ok(address.startsWith(server.replace('http:', 'ws:')), 'the settings name the server');
  const hello = await client.hello(person, ticket);
  assert.equal(hello.type, 'hello', JSON.stringify(hello));
  assert.equal(hello.hello.userid ?? '', person.id ?? '');
  client.id = hello.hello.sessionid;
  await person.join(token);
  const room = await client.room(token, person);
  assert.equal(room.room?.roomid, token, JSON.stringify(room));
  return client;
}

const isEvent = (target, type) => (message) => message.type === 'event' && message.event.target === target && message.event.type === type;

/** A call of two users and a guest, told by `check`. */
export async function clientsMeet(check, server, [anna, ben], guest) {
  const { token } = await anna.get('POST', '/room', { roomType: '3' });
  await anna.get('POST', `/room/${token}/participants`, { newParticipant: 'ben' });
  const address = server.socket;
  const clients = [];
  try {
    for (const person of [anna, ben, guest]) clients.push(await connect(address, person, token));
    const [annas, bens, guests] = clients;
    check('two users and a guest say hello with our tickets and enter the room');

    const thief = new Client(address);
    clients.push(thief);
    const { ticket } = await ben.get('GET', '/signaling/settings');
    const refused = await thief.hello(anna, ticket);
    assert.equal(refused.error?.code, 'invalid_ticket', JSON.stringify(refused));
    check('a ticket of somebody else is refused');

    const stranger = { ...guest, url: guest.url, session: 'nobodys-session' };
    const alone = new Client(address);
    clients.push(alone);
    const guestTicket = (await guest.get('GET', '/signaling/settings')).ticket;
    assert.equal((await alone.hello(guest, guestTicket)).type, 'hello');
    const out = await alone.room(token, stranger);
    assert.equal(out.error?.code, 'no_such_room', JSON.stringify(out));
    check('a guest with nobody\'s session does not enter');

    for (const [from, to] of [[annas, bens], [bens, guests], [guests, annas]]) {
      await from.tell(to, { type: 'offer', text: `from ${from.id}` });
      const got = await to.next('a message', (message) => message.type === 'message');
      assert.deepEqual([got.message.sender.sessionid, got.message.data.text], [from.id, `from ${from.id}`]);
    }
    check('messages go between users and the guest');

    // The server pings every ten seconds, and hears then who entered since.
    const inCall = (person) => (message) => isEvent('participants', 'update')(message)
      && message.event.update.users?.some((user) => user.userId === (person.id ?? '') && user.inCall === 7);
    await annas.next('the guest in the call', inCall(guest));
    check('the server learns that those who entered are in the call');

    await anna.get('PUT', `/room/${token}`, { roomName: 'Team' });
    const named = (message) => (message.room ?? message.event?.update)?.properties?.name === 'Team';
    await Promise.all([bens, guests].map((client) => client.next('the new name', named)));
    check('a rename by the API reaches user and guest');

    await anna.get('POST', `/room/${token}/moderators`, { participant: 'ben' });
    await guests.next('the promotion', (message) => isEvent('participants', 'update')(message)
      && message.event.update.users?.some((user) => user.userId === 'ben' && user.participantType === 2));
    check('a promotion by the API reaches the guest');

    await anna.get('DELETE', `/room/${token}/participants`, { participant: 'ben' });
    await bens.next('the removal', isEvent('roomlist', 'disinvite'));
    check('a removal by the API reaches the removed user');
    await anna.get('DELETE', `/room/${token}/participants/guests`, { participant: guest.session });
    await guests.next('the removal', isEvent('roomlist', 'disinvite'));
    check('a removal by the API reaches the removed guest');

    assert.equal((await annas.room('', {})).room?.roomid ?? '', '');
    const left = async () => (await anna.get('GET', `/room/${token}`)).sessionId === '0';
    for (let look = 0; !(await left()); look += 1) {
      assert.ok(look < 100, 'leaving the server\'s room did not end the call');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    check('who leaves the server\'s room has left the call');
  } finally {
    for (const client of clients) client.close();
  }
}
