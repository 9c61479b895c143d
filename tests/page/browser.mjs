// Browsers of people, with cameras that show a test picture, and what the tests know of the page from outside.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { EXECUTABLE, FLAGS, MEDIA_FLAGS } from '../signaling/chromium.mjs';

export const PATIENCE = 60_000;
const ARGUMENTS = [
  ...FLAGS, ...MEDIA_FLAGS,
  '--auto-select-tab-capture-source-by-title=Talk', '--autoplay-policy=no-user-gesture-required',
];

export const launch = () => chromium.launch({ executablePath: EXECUTABLE, headless: true, args: ARGUMENTS });

/** Notes what the tests want to know: connections, sockets, and what the policy of the page forbade. */
function watch() {
  window.peers = [];
  window.sockets = [];
  window.channels = [];
  window.tracks = [];
  window.violations = [];
  window.say = (text) => window.channels.filter(({ readyState }) => readyState === 'open').forEach((channel) => channel.send(text));
  const media = navigator.mediaDevices;
  const open = media?.getUserMedia.bind(media);
  if (media) {
    media.getUserMedia = async (wanted) => {
      const stream = await open(wanted);
      window.tracks.push(...stream.getTracks());
      return stream;
    };
  }
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...all) {
      super(...all);
      window.peers.push(this);
      this.addEventListener('datachannel', ({ channel }) => window.channels.push(channel));
    }
    createDataChannel(...all) {
      const channel = super.createDataChannel(...all);
      window.channels.push(channel);
      return channel;
    }
  };
  window.WebSocket = class extends WebSocket {
    constructor(...all) { super(...all); window.sockets.push(this); }
  };
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
    window.violations.push(`${violatedDirective} ${blockedURI}`);
  });
}

/** Somebody's browser, with one tab. */
export class Somebody {
  static async arrive(browser, url, options = {}) {
    const context = await browser.newContext({ locale: 'en', viewport: { width: 1280, height: 800 }, ...options });
    await context.grantPermissions(['clipboard-read', 'clipboard-write', 'camera', 'microphone'], { origin: url });
    await context.addInitScript(watch);
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const person = Object.assign(new Somebody(), { context, page, url, complaints: [] });
    page.on('pageerror', (cause) => person.complaints.push(`error: ${cause.stack ?? cause}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(message.text())) person.complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(url) && !/^(data|blob|about):/.test(request.url())) person.complaints.push(`asked elsewhere: ${request.url()}`);
    });
    return person;
  }

  async logIn(id, password) {
    await this.page.getByLabel('User name').fill(id);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Log in' }).click();
  }

  press(name) {
    return this.page.getByRole('button', { name, exact: true }).click();
  }

  sees(text) {
    return this.page.getByText(text).first().waitFor();
  }

  /** The tile of another person. */
  tile(name) {
    return this.page.locator('.tile', { hasText: name });
  }

  /** Frames and loudness of each other one who is received. */
  received() {
    return this.page.evaluate(async () => {
      const found = [];
      for (const peer of window.peers.filter(({ connectionState }) => connectionState === 'connected')) {
        let frames = 0, energy = 0;
        for (const report of (await peer.getStats()).values()) {
          if (report.type !== 'inbound-rtp') continue;
          frames += report.framesDecoded ?? 0;
          energy += report.totalAudioEnergy ?? 0;
        }
        if (frames || energy) found.push({ frames, energy });
      }
      return found;
    });
  }

  /** Waits until others are seen and heard, and more of them than before. */
  async seesAndHears(others, before = 0) {
    return until(`${others} others are seen and heard`, async () => {
      const all = await this.received();
      const good = all.filter(({ frames, energy }) => frames > before && energy > 0);
      return good.length >= others ? good : undefined;
    }, () => this.received());
  }

  /** What the page did that it must not. */
  async isClean() {
    const violations = await this.page.evaluate(() => window.violations);
    assert.deepEqual([...this.complaints, ...violations], []);
  }
}

export async function until(wanted, find, tell = async () => '') {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const found = await find();
    if (found) return found;
    assert.ok(Date.now() < end, `${wanted}, which they are not: ${JSON.stringify(await tell())}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
