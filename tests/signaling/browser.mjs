// A call between two browsers that know the API and nothing else.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { EXECUTABLE, FLAGS, MEDIA_FLAGS } from './chromium.mjs';
import { page as readPage } from './stack.mjs';

const PATIENCE_MILLISECONDS = 60_000;
// The signaling server is on loopback, too, on another port.
const ARGUMENTS = [
  ...FLAGS, ...MEDIA_FLAGS, '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets',
];

export const launch = () => chromium.launch({ executablePath: EXECUTABLE, headless: true, args: ARGUMENTS });

/** A page in a browser of its own, on the origin of the API. */
async function open(browser, url, html) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.on('pageerror', (cause) => console.log(`the page says: ${cause}`));
  await page.route(`${url}/call.html`, (route) => route.fulfill({ contentType: 'text/html', body: html }));
  await page.goto(`${url}/call.html`);
  return page;
}

/** Asks a page for the frames that it decoded of each other one, until they are as wanted. */
async function frames(page, wanted, isWanted) {
  const end = Date.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const counts = await page.evaluate(async () => {
      if (window.failure) throw new Error(window.failure);
      return window.framesDecoded();
    });
    if (isWanted(counts)) return counts;
    assert.ok(Date.now() < end, `${wanted}: the frames of the others are ${JSON.stringify(counts)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const sees = (page) => frames(page, 'one other is to be seen', (counts) => counts.length === 1 && counts[0] > 0);
const isAlone = (page) => frames(page, 'nobody is to be there', (counts) => counts.length === 0);

/** Two pages in one call, which see each other. */
async function meet(browser, url, owner, guest) {
  const html = await readPage();
  const { token } = await owner.get('POST', '/room', { roomType: '3' });
  const pages = [await open(browser, url, html), await open(browser, url, html)];
  await pages[0].evaluate(([room, who]) => window.join(room, who), [token, { id: owner.id, password: owner.password }]);
  await pages[1].evaluate(([room, who]) => window.join(room, who), [token, guest]);
  return { token, pages, counts: await Promise.all(pages.map(sees)) };
}

/** A user and a guest in one call; then the guest leaves, and the user is alone. */
export async function browsersMeet(check, browser, way, url, owner, guest = {}) {
  const { token, pages: [users, guests], counts } = await meet(browser, url, owner, guest);
  try {
    check(`user and guest see each other by ${way} (frames decoded: ${counts.join(' and ')})`);
    const begun = Date.now();
    assert.equal(await guests.evaluate((room) => window.leave(room), token), 200);
    await isAlone(users);
    check(`the guest leaves, and the user sees it (after ${Date.now() - begun} ms)`);
    await users.evaluate((room) => window.leave(room), token);
  } finally {
    await users.context().close();
    await guests.context().close();
  }
}

/** The socket of one is cut in mid-call; the call goes on, and the socket comes back. */
export async function oneIsCutOff(check, browser, url, owner) {
  const { token, pages: [users, guests], counts: [before] } = await meet(browser, url, owner, {});
  try {
    await users.evaluate(() => window.cut());
    await users.waitForFunction(() => window.resumed === 1, undefined, { timeout: PATIENCE_MILLISECONDS });
    const more = (counts) => counts.length === 1 && counts[0] > before[0] + 10;
    const after = await Promise.all([users, guests].map((page) => frames(page, 'the call is to go on', more)));
    assert.equal(await users.evaluate(() => window.connections), 1, 'the call is the one that it was');
    check(`a socket is cut and resumed in mid-call, and the call goes on (frames decoded: ${after.join(' and ')})`);
    assert.equal(await guests.evaluate((room) => window.leave(room), token), 200);
    await isAlone(users);
    check('over the resumed socket the user sees the guest leave');
  } finally {
    await users.context().close();
    await guests.context().close();
  }
}
