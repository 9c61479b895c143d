// Opens the page of a tenant in a browser, logs in and out: node open.mjs HOST PORT USER PASSWORD, where the host's
// name leads to a port of this machine.

import { chromium } from 'playwright-core';
import { EXECUTABLE, FLAGS } from '../signaling/chromium.mjs';
import { Somebody } from './browser.mjs';

const [host, port, user, password] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: EXECUTABLE,
  args: [
    ...FLAGS, `--host-resolver-rules=MAP ${host.split(':')[0]} 127.0.0.1:${port}`,
    // The emulator's gateway speaks plain HTTP, whatever the name.
    '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable',
  ],
});
try {
  const somebody = await Somebody.arrive(browser, `http://${host}`);
  await somebody.page.goto(`http://${host}/`);
  await somebody.logIn(user, password);
  await somebody.page.getByRole('heading', { name: 'Rooms' }).waitFor();
  await somebody.press('Log out');
  await somebody.page.getByRole('heading', { name: 'Log in' }).waitFor();
  await somebody.isClean();
  console.log('logged in and out, and nothing was asked elsewhere');
} finally {
  await browser.close();
}
