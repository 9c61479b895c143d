// Opens the page of a tenant in a browser, logs in and out: node open.mjs HOST PORT USER PASSWORD, where the host's
// name leads to a port of this machine.

import { chromium } from 'playwright-core';
import { EXECUTABLE, FLAGS, PATIENCE } from './browser.mjs';

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
  const page = await browser.newPage({ locale: 'en' });
  page.setDefaultTimeout(PATIENCE);
  await page.goto(`http://${host}/`);
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Rooms' }).waitFor();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  console.log('logged in and out');
} finally {
  await browser.close();
}
