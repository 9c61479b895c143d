// A run of checks that start programs: counted, and cleaned up after, also when somebody ends it.

import { freePort, Stack } from './stack.mjs';

/** What a run has at hand. */
class Suite {
  passed = 0;
  cleanup = [];

  check(what) {
    this.passed += 1;
    console.log(`ok     ${what}`);
  }

  /** A stack that is up and goes with the run. */
  async start(environment, port) {
    const stack = new Stack(port ?? await freePort(), environment);
    this.cleanup.push(() => stack.process.stop());
    await stack.process.ready;
    return stack;
  }

  async end() {
    for (const step of this.cleanup.splice(0).reverse()) await step().catch((cause) => console.error(String(cause)));
  }
}

/** Runs the checks of `main`, says how many passed, and ends the program with what came of it. */
export async function run(main) {
  const suite = new Suite();
  let failure;
  for (const name of ['SIGINT', 'SIGTERM']) {
    process.once(name, () => { console.error(`${name}: cleaning up`); suite.end().then(() => process.exit(1)); });
  }
  try {
    await main(suite);
  } catch (cause) {
    failure = cause;
    console.log(`WRONG  ${cause?.stack ?? cause}`);
  }
  await suite.end();
  console.log(`${suite.passed} passed, ${failure ? 1 : 0} failed`);
  process.exit(failure ? 1 : 0);
}
