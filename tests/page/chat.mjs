// The story of a chat: what people do with it in the lobby, in a call, and from the list of rooms.

import assert from 'node:assert/strict';
import { Somebody, until } from './browser.mjs';

const ROOM = 'Reading room';
const V4 = '/ocs/v2.php/apps/spreed/api/v4';
/** What the page asks when it looks for messages, with the panel open or closed. */
const LOOKS = ['/v1/chat/', '/v4/room/'];
/** Markup, a word without end, and braces that look like the parameters of a message. */
const HOSTILE = `${'x'.repeat(5_000)} <img src=x onerror="window.violations.push('run')"> {mention-user1} {actor}`;
const EARLIER = 120;
/** Longer than the first pauses between two looks. */
const QUIET_MILLISECONDS = 8_000;

/** Somebody with an account, who has the chat of a room in view. */
class Talker extends Somebody {
  static async come(browser, account, token) {
    const talker = Object.assign(new Talker(), await Somebody.arrive(browser, account.url), { account, token, asked: [] });
    talker.page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (request.method() === 'GET' && LOOKS.some((look) => pathname.endsWith(look + token))) talker.asked.push(searchParams);
    });
    await talker.page.goto(account.url);
    await talker.logIn(account.id, account.password);
    await talker.page.getByRole('heading', { name: 'Rooms' }).waitFor();
    await talker.page.goto(`${account.url}/call/${token}`);
    await talker.field.waitFor();
    return talker;
  }

  get chat() {
    return this.page.getByRole('region', { name: 'Chat' });
  }

  get field() {
    return this.chat.getByRole('textbox', { name: 'Write a message' });
  }

  get button() {
    return this.page.getByRole('toolbar').getByRole('button', { name: /^Chat/ });
  }

  message(text) {
    return this.chat.locator('.message', { hasText: text });
  }

  async says(text) {
    await this.field.fill(text);
    await this.field.press('Enter');
    await this.message(text).waitFor();
  }

  /** Opens the actions of a message, and takes one of them. */
  async does(text, action) {
    const message = this.message(text);
    await message.hover();
    await message.getByRole('button', { name: /^What to do with/ }).click();
    await message.getByRole('button', { name: action, exact: true }).click();
  }

  async joins() {
    await this.press('Join the call');
    await this.page.getByRole('toolbar').waitFor();
  }

  shown() {
    return this.chat.locator('.message').evaluateAll((all) => all.map(({ dataset }) => Number(dataset.id)));
  }
}

async function theyTalk(check, anna, carl) {
  await anna.says('Who has read it?');
  await carl.message('Who has read it?').waitFor();
  await carl.does('Who has read it?', 'Reply');
  await carl.says('All of it, twice');
  const answer = anna.message('All of it, twice');
  await answer.locator('blockquote', { hasText: 'Who has read it?' }).waitFor();
  assert.equal(await anna.chat.locator('.message').count(), 2);
  check('two people write and reply, and see it without reloading the page');
}

async function theyReact(check, anna, carl) {
  await anna.does('All of it, twice', 'React with 👍');
  const [annas, carls] = [anna, carl].map((who) => who.message('All of it, twice').locator('.reaction'));
  await carls.filter({ hasText: '1' }).waitFor();
  assert.equal(await carls.getAttribute('aria-pressed'), 'false');
  assert.equal(await annas.getAttribute('aria-pressed'), 'true');
  await carls.click();
  await annas.filter({ hasText: '2' }).waitFor();
  await annas.click();
  await carls.filter({ hasText: '1' }).waitFor();
  assert.equal(await carls.getAttribute('aria-pressed'), 'true');
  await carls.click();
  await annas.waitFor({ state: 'detached' });
  check('two people react to a message, and take it back');
}

async function oneChangesWords(check, anna, carl) {
  await anna.says('Chapter fvie');
  await carl.message('Chapter fvie').waitFor();
  await anna.does('Chapter fvie', 'Edit');
  assert.equal(await anna.field.inputValue(), 'Chapter fvie');
  await anna.says('Chapter five');
  await carl.message('Chapter five').getByText('edited').waitFor();
  await anna.does('Chapter five', 'Delete');
  await anna.message('The message will be gone for everybody.').getByRole('group', { name: 'Delete' }).getByRole('button', { name: 'Delete' }).click();
  await carl.message('This message was deleted.').waitFor();
  assert.equal(await carl.message('Chapter').count(), 0);
  check('one edits a message and deletes it, and the other sees that');
}

async function oneIsHostile(check, anna, carl) {
  await anna.says(HOSTILE);
  const text = carl.message('{mention-user1}').locator('.text');
  assert.equal(await text.textContent(), HOSTILE);
  assert.equal(await carl.chat.locator('.message img').count(), 0);
  await anna.says('See https://example.com/a_(b), and http://example.org.');
  // Neither bracket nor dot belongs to such a link, and none of them may cost a browser its time or its stack.
  await anna.says(`Far https://example.com/${')'.repeat(15_000)}${'.'.repeat(15_000)}`);
  await carl.message('Far https').getByRole('link', { name: 'https://example.com/', exact: true }).waitFor();
  const links = carl.message('See https').getByRole('link');
  await links.first().waitFor();
  assert.deepEqual(await links.evaluateAll((all) => all.map(({ href, rel, target }) => [href, rel, target])), [
    ['https://example.com/a_(b)', 'noopener noreferrer', '_blank'], ['http://example.org/', 'noopener noreferrer', '_blank'],
  ]);
  const over = await carl.page.evaluate(() => Math.max(
    ...['.log', '.chat', 'html'].map((name) => { const it = document.querySelector(name); return it.scrollWidth - it.clientWidth; })));
  assert.ok(over <= 0, `${over} pixels too wide`);
  check('markup, braces and a word of 5,000 letters are shown as they are, and links lead out safely');
}

async function sendingFails(check, anna, account) {
  await anna.page.route('**/v1/chat/*', (route) => route.request().method() === 'POST' ? route.abort() : route.continue());
  await anna.field.fill('Can you read this?');
  await anna.field.press('Enter');
  await anna.chat.getByText('Not sent. The server cannot be reached.').waitFor();
  assert.equal(await anna.field.inputValue(), 'Can you read this?');
  await anna.page.unroute('**/v1/chat/*');
  // Now it arrives, and the answer is lost.
  await anna.page.route('**/v1/chat/*', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    await route.fetch();
    await route.abort();
  });
  const lost = anna.page.waitForEvent('requestfailed', (request) => request.method() === 'POST');
  await anna.press('Send');
  await lost;
  await anna.page.unroute('**/v1/chat/*');
  await anna.chat.getByText('Not sent.').waitFor();
  await anna.press('Send');
  await until('the field is empty', async () => await anna.field.inputValue() === '');
  assert.equal(await anna.message('Can you read this?').count(), 1);
  const { data } = await account.ask('GET', `/chat/${anna.token}`);
  assert.equal(data.filter(({ message }) => message === 'Can you read this?').length, 1);
  check('what was not sent stays in the field, and is there once after another attempt');
}

async function oneLooksAway(check, anna, carl) {
  await carl.message('Can you read this?').waitFor();
  const room = `${V4}/room/${carl.token}`;
  await until('all of it is read', async () => (await carl.account.get('GET', room)).unreadMessages === 0);
  const look = (state) => carl.page.evaluate((visible) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => visible });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
  await look('hidden');
  const asked = carl.asked.length;
  await anna.says('Are you there?');
  await anna.does('Are you there?', 'React with 👍');
  await anna.message('Are you there?').locator('.reaction').waitFor();
  assert.equal(carl.asked.length, asked);
  await look('visible');
  await carl.message('Are you there?').waitFor();
  await carl.chat.locator('.new-line + .message', { hasText: 'Are you there?' }).waitFor();
  check('a hidden tab asks for nothing, and draws a line above what is new when somebody looks at it again');
}

async function theyTalkInACall(check, browser, anna, carl) {
  await Promise.all([anna.joins(), carl.joins()]);
  const ben = await Somebody.arrive(browser, anna.url);
  await ben.page.goto(`${anna.url}/call/${anna.token}`);
  await ben.page.getByLabel('Your name').fill('Ben');
  assert.equal(await ben.page.getByRole('button', { name: 'Chat' }).count(), 0);
  await ben.press('Join the call');
  await ben.page.getByRole('toolbar').waitFor();
  await anna.tile('Ben').waitFor();
  assert.equal(await ben.page.getByRole('button', { name: 'Chat' }).count(), 0);
  await ben.isClean();
  await ben.context.close();
  await anna.button.click();
  await anna.says('Is this loud enough?');
  await carl.page.getByRole('button', { name: 'Chat, 1 unread message' }).waitFor();
  await anna.says('Or now?');
  await carl.page.getByRole('button', { name: 'Chat, 2 unread messages' }).click();
  await carl.chat.locator('.new-line + .message', { hasText: 'Is this loud enough?' }).waitFor();
  await carl.says('Very much so');
  await anna.message('Very much so').waitFor();
  await carl.field.press('Escape');
  await carl.page.getByRole('button', { name: 'Chat', exact: true }).waitFor();
  assert.equal(await carl.button.evaluate((button) => button === document.activeElement), true);
  check('in a call the button counts what is unread, the panel shows where that begins, and a guest has neither');
}

/** No request waits in a function; and where messages are announced, a quiet chat asks for nothing. */
async function theyAskLittle(check, people, isAnnounced) {
  const forwards = people.flatMap(({ asked }) => asked).filter((query) => query.get('lookIntoFuture') === '1');
  assert.ok(forwards.length > 0);
  assert.ok(forwards.every((query) => query.get('timeout') === '0' && query.get('setReadMarker') === '0'));
  check(`none of ${forwards.length} requests for new messages makes a function wait`);
  if (!isAnnounced) return;
  const pass = () => new Promise((resolve) => setTimeout(resolve, QUIET_MILLISECONDS));
  await pass();
  const before = people.map(({ asked }) => asked.length);
  await pass();
  assert.deepEqual(people.map(({ asked }) => asked.length), before);
  check('while the server announces messages, a quiet chat asks for nothing');
}

async function oneIsMentioned(check, anna, carl) {
  await carl.press('Leave the call');
  await carl.page.getByRole('link', { name: 'To my rooms' }).click();
  const row = carl.page.getByRole('listitem').filter({ hasText: ROOM });
  await row.getByText('In the call: anna').waitFor();
  assert.equal(await row.locator('.unread').count(), 0);
  const asked = carl.asked.length;
  await anna.field.fill('Chapter six is for @c');
  await anna.page.getByRole('option', { name: 'carl' }).waitFor();
  await anna.field.press('ArrowDown');
  await anna.field.press('Tab');
  assert.equal(await anna.field.inputValue(), 'Chapter six is for @carl ');
  await anna.field.press('Enter');
  await anna.message('Chapter six').getByText('@carl').waitFor();
  await row.getByText('1 unread message. You were mentioned').waitFor({ state: 'attached' });
  await row.getByText('anna: Chapter six is for @carl').waitFor();
  assert.equal(carl.asked.length, asked, 'nobody asks for the chat of a room that was left');
  await row.getByRole('link').click();
  await carl.message('Chapter six').locator('.own-name').waitFor();
  await carl.page.getByRole('link', { name: 'To my rooms' }).click();
  await row.waitFor();
  await row.locator('.unread').waitFor({ state: 'detached' });
  check('one mentions another by the keyboard, and the list of rooms says so until it is read');
}

async function oneReadsBack(check, carl, account) {
  for (let number = 1; number <= EARLIER; number += 1) await account.get('POST', `/chat/${carl.token}`, { message: `Line ${number}.` });
  await carl.account.get('POST', `/chat/${carl.token}/read`);
  await carl.page.getByRole('link', { name: ROOM }).click();
  await until('the end is in sight', () => carl.message(`Line ${EARLIER}.`).isVisible());
  assert.equal(await carl.message('Line 1.').count(), 0);
  await until('the beginning is there', async () => {
    await carl.chat.getByRole('log').evaluate((log) => { log.scrollTop = 0; });
    return await carl.message('All of it, twice').count() > 0;
  });
  const ids = await carl.shown();
  assert.ok(ids.length > EARLIER);
  assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => a - b));
  await carl.press('To the latest message');
  await until('the end is in sight', () => carl.message(`Line ${EARLIER}.`).isVisible());
  check(`one scrolls back through ${ids.length} messages, each of them there once and in order`);
}

/** Reports of reactions are no lines of their own, however many come last. */
async function oneChangesTheirMind(check, carl, account) {
  const { id } = await account.get('POST', `/chat/${carl.token}`, { message: 'The last word.' });
  for (let time = 0; time < 30; time += 1) {
    await account.get('POST', `/reaction/${carl.token}/${id}`, { reaction: '👍' });
    await account.get('DELETE', `/reaction/${carl.token}/${id}?reaction=${encodeURIComponent('👍')}`);
  }
  await carl.page.reload();
  await carl.message('The last word.').waitFor();
  check('a message is found behind 60 reports of reactions');
}

async function theRoomIsLocked(check, anna, carl, account) {
  const room = `${V4}/room/${carl.token}`;
  await account.get('PUT', `${room}/read-only`, { state: '1' });
  await carl.chat.getByText('This room is locked').waitFor();
  await carl.field.waitFor({ state: 'detached' });
  await account.get('PUT', `${room}/read-only`, { state: '0' });
  await carl.field.waitFor();
  await carl.chat.getByText('anna unlocked the room').waitFor();
  await account.get('DELETE', `/chat/${carl.token}`);
  await carl.chat.getByText('anna cleared the history').waitFor();
  await anna.chat.getByText('You cleared the history').waitFor();
  for (const person of [anna, carl]) assert.equal(await person.chat.locator('.message').count(), 0);
  check('nobody writes in a locked room, and a cleared history is gone from the page');
}

/** The whole story on one stack, whose signaling announces messages or does not. */
export async function talk(check, browser, [anna, carl], isAnnounced) {
  const { token } = await anna.get('POST', '/room', { roomType: '3' });
  await anna.get('PUT', `/room/${token}`, { roomName: ROOM });
  await anna.get('POST', `/room/${token}/participants`, { newParticipant: 'carl' });
  const people = await Promise.all([anna, carl].map((account) => Talker.come(browser, account, token)));
  const [annas, carls] = people;
  try {
    await theyTalk(check, annas, carls);
    await theyReact(check, annas, carls);
    await oneChangesWords(check, annas, carls);
    await oneIsHostile(check, annas, carls);
    await sendingFails(check, annas, anna);
    await oneLooksAway(check, annas, carls);
    await theyTalkInACall(check, browser, annas, carls);
    await theyAskLittle(check, people, isAnnounced);
    await oneIsMentioned(check, annas, carls);
    await oneReadsBack(check, carls, anna);
    await oneChangesTheirMind(check, carls, anna);
    await theRoomIsLocked(check, annas, carls, anna);
    for (const person of people) await person.isClean();
  } finally {
    await Promise.all(people.map((person) => person.context.close().catch(() => {})));
  }
}
