// What Lighthouse thinks of the page, as it is on a phone of the middle class.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import judge from 'lighthouse';
import { EXECUTABLE, FLAGS } from '../signaling/chromium.mjs';
import { freePort } from '../signaling/stack.mjs';

const LEAST = 95;

export async function lighthouse(check, url) {
  const port = await freePort();
  const profile = await mkdtemp(path.join(os.tmpdir(), 'lighthouse-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE, headless: true, args: [...FLAGS, `--remote-debugging-port=${port}`],
  });
  try {
    // Search engines are kept away from rooms on purpose, so that category is asked of the first page alone.
    for (const [address, categories] of [
      ['/', ['performance', 'accessibility', 'best-practices', 'seo']],
      ['/call/nothere', ['performance', 'accessibility', 'best-practices']],
    ]) {
      const { lhr } = await judge(url + address, { port, onlyCategories: categories, logLevel: 'error' });
      const scores = Object.entries(lhr.categories).map(([name, { score }]) => [name, Math.round(100 * score)]);
      const bad = Object.values(lhr.audits).filter(({ score }) => score !== null && score < 0.9).map(({ id }) => id);
      const told = scores.map(([name, score]) => `${name} ${score}`).join(', ');
      for (const [name, score] of scores) assert.ok(score >= LEAST, `${address}: ${name} ${score}; ${bad.join(', ')}`);
      check(`Lighthouse on ${address}: ${told}`);
    }
  } finally {
    await browser.close();
    await rm(profile, { recursive: true, force: true });
  }
}
