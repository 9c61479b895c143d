// What people do with the page, from the login of the owner to the end of a call.

import assert from 'node:assert/strict';
import { Person } from '../signaling/people.mjs';
import { Somebody, until } from './browser.mjs';

const ROOM = 'Tea at five';
const WORD = 'earl-grey';
/**
 * A tab that was killed is gone for the others within this many seconds: half a minute of silence, and what telling
 * takes. By polls, the answer to its last one still counts as a sign of life, and the others learn of it by their next.
 */
const VANISHED = { sockets: 45, polls: 75 };

/** Anna makes a public room with a password and copies its link. */
async function makesARoom(check, anna, [account]) {
  await anna.page.goto(anna.url);
  await anna.logIn(account.id, 'a wrong one');
  await anna.sees('User name or password is wrong.');
  await anna.logIn(account.id, account.password);
  await anna.page.getByRole('button', { name: 'New room' }).click();
  await anna.page.getByLabel('Name', { exact: true }).fill(ROOM);
  await anna.press('Make the room');
  await anna.page.getByRole('heading', { name: ROOM }).waitFor();
  await anna.page.getByRole('link', { name: 'To my rooms' }).click();
  await anna.press(`Manage ${ROOM}`);
  await anna.page.getByLabel('Password of the room').fill(WORD);
  await anna.page.getByRole('dialog').locator('form', { hasText: 'Password of the room' }).getByRole('button', { name: 'Save' }).click();
  await anna.sees('The password is set');
  await anna.press('Close');
  await anna.press(`Copy link to ${ROOM}`);
  await anna.sees('The link is copied');
  const link = await anna.page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /\/call\/[a-z0-9]+$/);
  check('the owner logs in, makes a public room with a password and copies the link');
  return link;
}

async function ownerJoins(anna, link) {
  await anna.page.goto(link);
  await anna.press('Join the call');
  await anna.sees('Nobody else is here yet.');
}

async function guestJoins(check, ben, link) {
  await ben.page.goto(link);
  await ben.page.getByLabel('Your name').fill('Ben');
  await ben.page.getByLabel('Password of the room').fill('earl-gray');
  await ben.press('Join the call');
  await ben.sees('The password is wrong.');
  await ben.page.getByLabel('Password of the room').fill(WORD);
  await ben.press('Join the call');
  await ben.page.getByRole('toolbar').waitFor();
  check('a guest opens the link, gives a name and the password, and is in');
}

/** Somebody presses the button and goes away before the answer comes. */
async function memberGivesUp(check, anna, carl, link, account) {
  await carl.page.goto(link);
  await carl.press('I have an account');
  await carl.logIn(account.id, account.password);
  await carl.page.getByLabel('Password of the room').fill(WORD);
  let goOn;
  const patience = new Promise((resolve) => { goOn = resolve; });
  await carl.page.route('**/api/v1/call/*', async (route) => { await patience; await route.continue(); });
  await carl.press('Join the call');
  await carl.page.getByRole('link', { name: 'To my rooms' }).click();
  await carl.page.getByRole('heading', { name: 'Rooms' }).waitFor();
  const joined = carl.page.waitForResponse((answer) => answer.request().method() === 'POST');
  goOn();
  assert.equal((await joined).status(), 200);
  await carl.page.waitForResponse((answer) => answer.request().method() === 'DELETE' && answer.ok());
  await carl.page.unroute('**/api/v1/call/*');
  assert.equal(await carl.page.evaluate(() => window.tracks.some(({ readyState }) => readyState === 'live')), false);
  await anna.tile('carl').waitFor({ state: 'detached' });
  check('one who goes away while joining is not in the call, and the camera is off');
}

async function memberJoins(carl, link) {
  await carl.page.goto(link);
  await carl.page.getByLabel('Password of the room').fill(WORD);
  await carl.press('Join the call');
  await carl.page.getByRole('toolbar').waitFor();
}

async function allSeeEachOther(check, people) {
  const all = await Promise.all(people.map((person) => person.seesAndHears(people.length - 1)));
  check(`three people see and hear each other (frames decoded: ${all.flat().map(({ frames }) => frames).join(', ')})`);
}

async function theyShowAndMute(check, anna, ben, carl) {
  await carl.press('Share your screen');
  const screen = anna.page.getByRole('figure', { name: '' }).filter({ hasText: 'Screen of carl' });
  await screen.waitFor();
  await until('the screen is seen', () => anna.page.evaluate(() => {
    const video = document.querySelector('.screen video');
    return video?.videoWidth > 0 && !video.paused;
  }));
  check('one shares the screen, and the others see it');
  await carl.press('Share your screen');
  await screen.waitFor({ state: 'detached' });
  await ben.press('Mute');
  await anna.tile('Ben').getByTitle('Muted').waitFor();
  await ben.press('Raise your hand');
  await anna.tile('Ben').getByTitle('Hand is up').waitFor();
  await ben.press('Turn the camera off');
  await anna.tile('Ben').locator('video.unseen').waitFor({ state: 'attached' });
  await ben.press('Turn the camera off');
  await anna.tile('Ben').locator('video.unseen').waitFor({ state: 'detached' });
  check('one is muted, raises a hand, and turns the camera off and on');
}

/** The way to the server is cut in mid-call. */
async function annaIsCutOff(check, anna, people, hasSockets) {
  const before = Math.max(...(await anna.received()).map(({ frames }) => frames));
  const count = await anna.page.evaluate(() => window.peers.length);
  if (hasSockets) {
    await goesOnOverAnother(anna, () => window.sockets.at(-1).close());
    // In another network the former socket looks open for a long time.
    await goesOnOverAnother(anna, () => window.dispatchEvent(new Event('online')));
  } else {
    await anna.context.setOffline(true);
    await anna.sees('Reconnecting');
    await anna.context.setOffline(false);
  }
  await anna.page.getByText('3 people').waitFor();
  await anna.seesAndHears(2, before + 10);
  assert.equal(await anna.page.evaluate(() => window.peers.length), count, 'no connection was made anew');
  for (const person of people) assert.equal(await person.page.locator('.tile').count(), 3);
  check('the way to the server is cut and comes back, and everybody is still there');
}

async function goesOnOverAnother(anna, cut) {
  const sockets = await anna.page.evaluate(() => window.sockets.length);
  await anna.page.evaluate(cut);
  await until('there is another socket', () => anna.page.evaluate(
    (former) => window.sockets.length > former && window.sockets.at(-1).readyState === WebSocket.OPEN, sockets));
}

/** A guest whose browser is not ours says what no browser would, and a page that cannot read it goes on. */
async function oneSaysNonsense(check, anna, ben) {
  for (const message of [
    { type: 'nickChanged', payload: { name: {} } }, { type: 'nickChanged', payload: null }, { type: 'raiseHand', payload: null },
    { type: 'offer', roomType: 'video', payload: { nick: 5, sdp: [] } }, { type: 'mute' }, { type: 7 }, null, [],
  ]) await ben.page.evaluate((text) => window.say(text), JSON.stringify(message));
  await ben.page.evaluate(() => window.say('{'));
  await ben.press('Raise your hand');
  await anna.tile('Ben').getByTitle('Hand is up').waitFor({ state: 'detached' });
  await anna.tile('Ben').waitFor();
  check('what nobody can read breaks nobody\'s page');
}

async function oneIsRemoved(check, anna, carl) {
  await anna.press('Room and people');
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Remove carl' }).click();
  await carl.sees('You were removed from this call.');
  await anna.press('Close');
  await anna.tile('carl').waitFor({ state: 'detached' });
  check('a moderator removes one, who is told so');
}

async function aGuestIsRemoved(check, anna, ben, link) {
  await anna.press('Room and people');
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Remove Ben' }).click();
  await ben.sees('You were removed from this call.');
  await anna.press('Close');
  await anna.tile('Ben').waitFor({ state: 'detached' });
  await ben.page.goto(link);
  await ben.page.getByLabel('Password of the room').fill(WORD);
  await ben.press('Join the call');
  await anna.tile('Ben').waitFor();
  await ben.page.close();
  await anna.tile('Ben').waitFor({ state: 'detached' });
  check('a guest is removed by name, comes back, closes the tab and is gone at once');
}

/** A browser that dies says nothing. */
async function oneIsKilled(check, browser, anna, link, promised) {
  const dora = await Somebody.arrive(browser, anna.url);
  await dora.page.goto(link);
  await dora.page.getByLabel('Your name').fill('Dora');
  await dora.page.getByLabel('Password of the room').fill(WORD);
  await dora.press('Join the call');
  await anna.tile('Dora').waitFor();
  await anna.seesAndHears(1);
  const killed = Date.now();
  const session = await dora.context.newCDPSession(dora.page);
  session.send('Page.crash').catch(() => {});
  await anna.tile('Dora').waitFor({ state: 'detached', timeout: 2_000 * promised });
  const took = (Date.now() - killed) / 1000;
  check(`a tab is killed and vanishes (after ${took.toFixed(0)} s; within ${promised} is promised)`);
  await dora.context.close().catch(() => {});
}

/** Nobody who finds the app password can use it after the log-out. */
async function sheLogsOut(check, anna) {
  await anna.press('Leave the call');
  const { id, appPassword } = await anna.page.evaluate(() => JSON.parse(localStorage.getItem('account')));
  const app = new Person(anna.url, id, appPassword);
  assert.equal((await app.ask('GET', '/room')).status, 200);
  await anna.press('Log out');
  await anna.page.getByRole('heading', { name: 'Log in' }).waitFor();
  assert.equal(await anna.page.evaluate(() => localStorage.getItem('account')), null);
  // Functions that are warm remember a login for a minute; what changes app passwords looks it up.
  await until('the app password is refused', async () => (await app.ask('GET', '/signaling/settings')).status === 401);
  check('log out takes the app password back');
}

/** The whole story on one stack. */
export async function story(check, browser, url, accounts, hasSockets) {
  const [anna, ben, carl] = await Promise.all([0, 1, 2].map(() => Somebody.arrive(browser, url)));
  try {
    const link = await makesARoom(check, anna, accounts);
    await ownerJoins(anna, link);
    await guestJoins(check, ben, link);
    await memberGivesUp(check, anna, carl, link, accounts[1]);
    await memberJoins(carl, link);
    await allSeeEachOther(check, [anna, ben, carl]);
    await theyShowAndMute(check, anna, ben, carl);
    await oneSaysNonsense(check, anna, ben);
    await annaIsCutOff(check, anna, [anna, ben, carl], hasSockets);
    await oneIsRemoved(check, anna, carl);
    for (const person of [ben, carl]) await person.isClean();
    await aGuestIsRemoved(check, anna, ben, link);
    await oneIsKilled(check, browser, anna, link, hasSockets ? VANISHED.sockets : VANISHED.polls);
    await sheLogsOut(check, anna);
    await anna.isClean();
    check('no error, no request to anybody else, and the policy of the page was never broken');
  } finally {
    await Promise.all([anna, ben, carl].map((person) => person.context.close().catch(() => {})));
  }
}
