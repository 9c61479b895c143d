// How the tests start Debian's Chromium.

export const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Nothing is asked of the world outside. */
export const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-quic', '--disable-sync',
  '--disable-component-update',
];

/** A camera and a microphone that nobody has to allow, for calls within the machine. */
export const MEDIA_FLAGS = [
  '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--allow-loopback-in-peer-connection',
];
