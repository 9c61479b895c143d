// Exchanges a password for an app password of this browser, and takes that back.

import { account, basic, keep } from './account';
import { api, content, Refusal } from './client';

/** Logs in. A wrong password is a refusal with 401. */
export async function logIn(id: string, password: string): Promise<void> {
  const headers = { Authorization: basic(id, password) };
  const made = await content(api.GET('/ocs/v2.php/core/getapppassword', { headers }));
  if (!('apppassword' in made)) throw new Refusal(500, '');
  const { apppassword } = made;
  const byApp = { headers: { Authorization: basic(id, apppassword) } };
  try {
    const own = await content(api.GET('/ocs/v2.php/cloud/user', byApp));
    keep({ id: own.id, name: own.displayname, appPassword: apppassword, isAdmin: own.groups.includes('admin') });
  } catch (cause) {
    // Nobody would ever take back what nobody holds.
    await content(api.DELETE('/ocs/v2.php/core/apppassword', byApp)).catch(() => {});
    throw cause;
  }
}

/** Logs out, and takes the app password back: nobody who finds it can use it. */
export async function logOut(): Promise<void> {
  try {
    await content(api.DELETE('/ocs/v2.php/core/apppassword'));
  } catch (cause) {
    // It is no password any more, which is what was wanted.
    if (!(cause instanceof Refusal && (cause.status === 401 || cause.status === 403))) throw cause;
  }
  keep(undefined);
}

/** Learns whether the login still holds, and what the person is called by now. */
export async function refresh(): Promise<void> {
  const known = account.value;
  if (!known) return;
  // Whatever the answer is, a login that has ended was forgotten when it came.
  const own = await content(api.GET('/ocs/v2.php/cloud/user')).catch(() => undefined);
  // Somebody may have logged out meanwhile, or in as somebody else.
  if (own && account.value?.appPassword === known.appPassword) {
    keep({ ...known, name: own.displayname, isAdmin: own.groups.includes('admin') });
  }
}
