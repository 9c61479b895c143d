// Every view of the page, as it looks on desktops and phones, by day and by night: a picture of each for people to
// look at, and axe, which reads it as a screen reader does.

import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { Person } from '../signaling/people.mjs';
import { Somebody, until } from './browser.mjs';
import { inGerman, ofChats, theyTalked } from './spoken.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = path.join(ROOT, 'target', 'page');
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const SCHEMES = ['light', 'dark'];
/** Between these, nothing runs over the edge. */
const EXTREMES = [{ width: 320, height: 640 }, { width: 2560, height: 1300 }];

/** A camera that shows somebody who is painted, in colours of the person's own, instead of a green clock. */
function paint({ hue, width }) {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await open(wanted);
    if (!wanted.video) return stream;
    const canvas = Object.assign(document.createElement('canvas'), { width, height: width * 9 / 16 });
    const pen = canvas.getContext('2d');
    pen.scale(width / 1280, width / 1280);
    const [painted] = canvas.captureStream(8).getVideoTracks();
    const disc = (x, y, width, height, colour) => {
      pen.fillStyle = colour;
      pen.beginPath();
      pen.ellipse(x, y, width, height, 0, 0, 2 * Math.PI);
      pen.fill();
    };
    const timer = setInterval(() => {
      if (painted.readyState === 'ended') return clearInterval(timer);
      const wall = pen.createLinearGradient(0, 0, 1280, 720);
      wall.addColorStop(0, `hsl(${hue} 45% 78%)`);
      wall.addColorStop(1, `hsl(${hue + 40} 40% 58%)`);
      pen.fillStyle = wall;
      pen.fillRect(0, 0, 1280, 720);
      const sway = 14 * Math.sin(Date.now() / 900 + hue);
      disc(1010, 190, 95, 95, `hsl(${hue + 60} 70% 88% / 60%)`);
      disc(640 + sway, 760, 330, 300, `hsl(${hue + 180} 38% 38%)`);
      disc(640 + sway, 300, 175, 190, `hsl(${(hue * 7) % 40 + 10} 45% 30%)`);
      disc(640 + sway, 340, 140, 165, `hsl(${(hue * 3) % 25 + 18} 48% ${52 + (hue % 4) * 8}%)`);
    }, 120);
    for (const track of stream.getVideoTracks()) { stream.removeTrack(track); track.stop(); }
    stream.addTrack(painted);
    return stream;
  };
}

/** Somebody with such a camera. */
async function arrive(browser, url, hue, width = 640) {
  const somebody = await Somebody.arrive(browser, url);
  await somebody.context.addInitScript(paint, { hue, width });
  return somebody;
}

class Views {
  count = 0;

  /** Takes the pictures of a view, each read by axe. */
  async take(person, name) {
    const { page } = person;
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.waitForTimeout(150);
        await page.screenshot({ path: path.join(FOLDER, `${name}-${size}-${colorScheme}.png`) });
        const { violations } = await new AxeBuilder({ page }).analyze();
        const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(', ')}`);
        assert.deepEqual(told, [], `${name} on a ${size}, ${colorScheme}`);
        this.count += 1;
      }
    }
    for (const viewport of EXTREMES) {
      await page.setViewportSize(viewport);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${name} runs ${over} pixels over the edge at ${viewport.width}`);
    }
    await page.setViewportSize(SIZES.desktop);
    await page.emulateMedia({ colorScheme: 'light' });
  }
}

/** People and rooms to look at. */
async function scene(url) {
  const admin = new Person(url, 'admin', 'admin');
  const alice = new Person(url, 'alice', 'alice');
  const room = async (fields, name) => {
    const { token } = await alice.get('POST', '/room', fields);
    if (name) await alice.get('PUT', `/room/${token}`, { roomName: name });
    return token;
  };
  const pair = await room({ roomType: '1', invite: 'bob' });
  await room({ roomType: '2', invite: 'team' });
  const planning = await room({ roomType: '3' }, 'Planning');
  const tea = await room({ roomType: '3' }, 'Tea at five');
  await alice.get('PUT', `/room/${tea}/description`, { description: 'Every day but Friday. Bring your own cup.' });
  await alice.get('PUT', `/room/${planning}/password`, { password: 'earl-grey' });
  await alice.get('POST', `/room/${tea}/participants`, { newParticipant: 'bob' });
  await theyTalked(alice, new Person(url, 'bob', 'bob'), tea, pair);
  return { admin, tea, planning };
}

async function ofVisitors(views, browser, url, { tea, planning }) {
  const visitor = await arrive(browser, url, 280);
  await visitor.page.goto(url);
  await visitor.page.getByRole('heading', { name: 'Log in' }).waitFor();
  await views.take(visitor, '01-login');
  await visitor.page.goto(`${url}/call/nothere`);
  await visitor.sees('There is no such room');
  await views.take(visitor, '02-no-such-room');
  await visitor.page.goto(`${url}/call/${planning}`);
  await visitor.page.getByLabel('Password of the room').waitFor();
  await visitor.page.getByLabel('Your name').fill('Grace');
  await visitor.page.locator('.preview video').waitFor();
  await views.take(visitor, '03-guest-at-the-door');
  await visitor.context.close();
  const blind = await Somebody.arrive(browser, url);
  await blind.context.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
  });
  await blind.page.goto(`${url}/call/${tea}`);
  await blind.sees('The browser may use neither camera nor microphone.');
  await views.take(blind, '04-no-permission');
  await blind.context.close();
}

async function ofOwners(views, alice, { tea }) {
  await alice.page.goto(alice.url);
  await alice.logIn('alice', 'alice');
  await alice.sees('In the call: Bob Baker');
  await views.take(alice, '05-rooms');
  await alice.page.getByRole('button', { name: 'New room' }).click();
  await views.take(alice, '06-new-room');
  await alice.page.getByLabel('One person').check();
  await alice.page.getByRole('combobox', { name: 'With whom' }).fill('ca');
  await alice.page.getByRole('option', { name: /Carol/ }).waitFor();
  await views.take(alice, '07-new-room-with-somebody');
  await alice.press('Close');
  await alice.press('Manage Tea at five');
  await alice.page.getByRole('dialog').getByText('Bob Baker').waitFor();
  await views.take(alice, '08-room');
  await alice.press('Close');
  await alice.page.goto(`${alice.url}/call/${tea}`);
  await alice.page.locator('.preview video').waitFor();
  await views.take(alice, '09-lobby');
  await inGerman(views, alice);
}

async function ofCalls(check, views, browser, alice, bob, { tea }) {
  await alice.press('Join the call');
  await alice.page.locator('.tile', { hasText: 'Bob Baker' }).waitFor();
  const guests = await Promise.all(['Grace', 'Heinrich'].map(async (name, place) => {
    const guest = await arrive(browser, alice.url, 60 + 80 * place);
    await guest.page.goto(`${alice.url}/call/${tea}`);
    await guest.page.getByLabel('Your name').fill(name);
    await guest.press('Join the call');
    return guest;
  }));
  await alice.seesAndHears(3);
  await guests[0].press('Turn the camera off');
  await guests[0].press('Mute');
  await guests[1].press('Raise your hand');
  await alice.tile('Grace').getByTitle('Muted').waitFor();
  await until('the picture of one is away', async () => (await alice.tile('Grace').locator('video.unseen').count()) === 1);
  await alice.tile('Heinrich').getByTitle('Hand is up').waitFor();
  await alice.page.locator('.saying .words').waitFor({ state: 'detached' });
  await views.take(alice, '10-call');
  if (process.env.PICTURE) await alice.page.screenshot({ path: path.join(ROOT, process.env.PICTURE) });
  await alice.press('Room and people');
  await alice.page.getByRole('dialog').getByText('Heinrich').waitFor();
  await views.take(alice, '11-call-people');
  await alice.press('Close');
  await alice.press('Devices');
  await views.take(alice, '12-call-devices');
  await alice.press('Close');
  await ofChats(views, alice);
  await guests[1].press('Share your screen');
  await until('the screen is seen', () => alice.page.evaluate(() => document.querySelector('.screen video')?.videoWidth > 0));
  await views.take(alice, '13-call-screen');
  await guests[1].press('Share your screen');
  await aFifthComes(check, views, browser, alice, bob, tea);
  await Promise.all(guests.map((guest) => guest.context.close()));
}

/** A fifth one comes, and everybody sends smaller pictures. */
async function aFifthComes(check, views, browser, alice, bob, tea) {
  const widths = () => alice.page.$$eval('.tile:not(.own) video:not(.unseen)', (all) => all.map((video) => video.videoWidth));
  const before = Math.max(...await widths());
  const ida = await arrive(browser, alice.url, 20, 320);
  await ida.page.setViewportSize({ width: 320, height: 240 });
  await ida.page.goto(`${alice.url}/call/${tea}`);
  await ida.page.getByLabel('Your name').fill('Ida');
  await ida.press('Join the call');
  await alice.sees('5 people');
  const after = await until('the pictures are smaller', async () => {
    const most = Math.max(...await widths());
    return most < before && most > 0 && most;
  }, widths);
  await alice.tile('Ida').locator('video:not(.unseen)').waitFor();
  await alice.page.locator('.saying .words').waitFor({ state: 'detached' });
  await views.take(alice, '14-call-of-five');
  check(`when a fifth one comes, pictures of ${before} pixels across become ${after}`);
  await Promise.all([ida, bob].map((somebody) => somebody.context.close()));
  await alice.press('Leave the call');
}

async function ofAdministrators(views, browser, url, { admin, tea }) {
  await admin.get('POST', '/ocs/v2.php/cloud/groups', { groupid: 'friends' });
  const boss = await Somebody.arrive(browser, url);
  await boss.page.goto(url);
  await boss.logIn('admin', 'admin');
  await boss.page.getByRole('link', { name: 'People' }).click();
  await boss.page.getByRole('button', { name: /^Manage Carol/ }).waitFor();
  await views.take(boss, '15-people');
  await boss.page.getByRole('button', { name: 'Add a person' }).first().click();
  await boss.page.getByLabel('User name').fill('dora');
  await boss.page.getByLabel('Name that others see').fill('Dora Dean');
  await boss.page.getByLabel('Password').fill('correct horse battery');
  await views.take(boss, '16-new-person');
  await boss.page.getByRole('dialog').getByRole('button', { name: 'Add a person' }).click();
  await boss.press('Manage Dora Dean');
  await boss.page.getByRole('combobox', { name: 'Add to a group' }).fill('fri');
  await boss.page.getByRole('option', { name: /friends/ }).click();
  await boss.page.getByRole('button', { name: 'Take out of friends' }).waitFor();
  await boss.press('Disable');
  await boss.page.getByRole('button', { name: 'Enable' }).waitFor();
  await views.take(boss, '17-person');
  await boss.press('Remove the account');
  await boss.page.getByRole('group', { name: 'Remove the account' }).getByRole('button', { name: 'Remove the account' }).click();
  await boss.page.getByRole('button', { name: 'Manage Dora Dean' }).waitFor({ state: 'detached' });
  await boss.page.getByRole('link', { name: 'Groups' }).click();
  await boss.page.getByRole('button', { name: 'Manage friends' }).waitFor();
  await views.take(boss, '18-groups');
  await boss.page.getByRole('link', { name: 'Calls now' }).click();
  await boss.sees('Nobody is in a call at the moment.');
  const bob = new Person(url, 'bob', 'bob');
  await bob.join(tea);
  await boss.page.reload();
  await boss.sees('Tea at five');
  await views.take(boss, '19-calls');
  await bob.get('DELETE', `/call/${tea}`);
  await boss.page.getByLabel('Language').selectOption('de');
  await boss.page.getByRole('heading', { name: 'Aktuelle Anrufe' }).waitFor();
  await views.take(boss, '20-german');
  await boss.isClean();
  await boss.context.close();
}

/** All of them; the call of one in the list is a real one. */
export async function pictures(check, browser, url) {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const views = new Views();
  const things = await scene(url);
  await ofVisitors(views, browser, url, things);
  const bob = await arrive(browser, url, 205);
  await bob.page.goto(url);
  await bob.logIn('bob', 'bob');
  await bob.page.getByRole('link', { name: 'Tea at five' }).click();
  await bob.press('Join the call');
  await bob.sees('Nobody else is here yet.');
  const alice = await arrive(browser, url, 330, 1280);
  await ofOwners(views, alice, things);
  await ofCalls(check, views, browser, alice, bob, things);
  await ofAdministrators(views, browser, url, things);
  await alice.isClean();
  await alice.context.close();
  check(`${views.count} pictures in target/page, in none of which axe finds anything, from 320 to 2560 pixels`);
}
