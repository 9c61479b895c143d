// Starts what the tests run against: the API on a port of its own, and the signaling server.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_MILLISECONDS = 600_000;
const SERVER = process.env.SIGNALING_PROGRAM ?? 'nextcloud-spreed-signaling-server';
export const SECRET = 'the-secret-that-both-know';

export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** A process with all its children, that says a line when it is ready. */
class Process {
  constructor(command, args, env, ready) {
    this.name = path.basename(command);
    this.said = [];
    this.child = spawn(command, args, { cwd: ROOT, env: { ...process.env, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = new Promise((resolve) => {
      this.child.once('exit', resolve);
      this.child.once('error', (cause) => { this.said.push(String(cause)); resolve(); });
    });
    this.ready = new Promise((resolve, reject) => {
      for (const stream of [this.child.stdout, this.child.stderr]) {
        readline.createInterface({ input: stream }).on('line', (line) => {
          this.said.push(line);
          if (line.includes(ready)) resolve();
        });
      }
      const fail = (why) => reject(new Error(`${this.name} ${why}:\n${this.said.slice(-30).join('\n')}`));
      this.ended.then(() => fail('ended'));
      setTimeout(() => fail('did not start'), START_MILLISECONDS).unref();
    });
    // A failure is told to those who wait for it; when nobody does, it is none.
    this.ready.catch(() => {});
  }

  async stop() {
    if (this.child.pid && this.child.exitCode === null && this.child.signalCode === null) {
      process.kill(-this.child.pid, 'SIGINT');
      const late = setTimeout(() => process.kill(-this.child.pid, 'SIGKILL'), 20_000);
      await this.ended;
      clearTimeout(late);
    }
  }
}

/** The API, as `make run` starts it. */
export class Stack {
  constructor(port, environment) {
    this.url = `http://127.0.0.1:${port}`;
    this.process = new Process('make', ['run'], { PORT: String(port), EPHEMERAL: '1', POLL_SECONDS: '20', ...environment }, 'The API is there');
  }
}

/** Debian's Janus, through which the people of a call send their media instead of to each other. */
export class MediaServer {
  static async start() {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'media-'));
    const port = await freePort();
    const server = Object.assign(new MediaServer(), { folder, address: `ws://127.0.0.1:${port}` });
    await writeFile(path.join(folder, 'janus.jcfg'), `
general: { configs_folder = "${folder}", daemonize = false, debug_level = 4 }
transports: { disable = "libjanus_http.so,libjanus_pfunix.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_rabbitmq.so" }
`);
    await writeFile(path.join(folder, 'janus.transport.websockets.jcfg'), `
general: { json = "compact", ws = true, ws_port = ${port}, ws_ip = "127.0.0.1", wss = false }
`);
    server.process = new Process('janus', ['--configs-folder', folder], {}, 'WebSockets thread started');
    return server;
  }

  async stop() {
    await this.process.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Debian's nextcloud-spreed-signaling for one backend, with a media server or without. */
export class SignalingServer {
  static async start(backend, media) {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'signaling-'));
    const port = await freePort();
    const server = new SignalingServer();
    Object.assign(server, { folder, address: `http://127.0.0.1:${port}`, socket: `ws://127.0.0.1:${port}/spreed` });
    server.secretFile = path.join(folder, 'secret');
    await writeFile(server.secretFile, SECRET, { mode: 0o600 });
    const config = path.join(folder, 'server.conf');
    await writeFile(config, `
[http]
listen = 127.0.0.1:${port}
[sessions]
hashkey = 0123456789abcdef0123456789abcdef
blockkey = 0123456789abcdef0123456789abcdef
[clients]
internalsecret = nobody-knows
[backend]
backends = laptop
timeout = 10
connectionsperhost = 8
skipverify = true
[laptop]
url = ${backend}
secret = ${SECRET}
[nats]
url = :loopback:
[mcu]
${media ? `type = janus\nurl = ${media.address}` : 'type ='}
`);
    server.process = new Process(SERVER, ['--config', config], {}, 'Listening on');
    return server;
  }

  async stop() {
    await this.process.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function page() {
  return readFile(new URL('call.html', import.meta.url), 'utf8');
}
