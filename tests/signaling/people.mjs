// Somebody who calls the API, with a browser's cookies.

const API = '/ocs/v2.php/apps/spreed/api/v1';
export const PASSWORD = 'correct horse battery';

export class Person {
  constructor(url, id, password = PASSWORD) {
    Object.assign(this, { url, id, password, cookies: new Map() });
  }

  /** The status and the content of an answer. */
  async ask(method, path, fields) {
    const headers = { 'OCS-APIRequest': 'true', Accept: 'application/json' };
    if (this.id) headers.Authorization = `Basic ${Buffer.from(`${this.id}:${this.password}`).toString('base64')}`;
    if (this.cookies.size) headers.Cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const body = fields && new URLSearchParams(fields);
    const answer = await fetch(this.url + (path.startsWith('/ocs') ? path : API + path), { method, headers, body });
    for (const cookie of answer.headers.getSetCookie()) {
      const [name, value] = cookie.split(';')[0].split('=');
      this.cookies.set(name, value);
    }
    const { ocs } = await answer.json();
    return { status: answer.status, data: ocs.data };
  }

  /** The content of an answer that has to be good. */
  async get(method, path, fields) {
    const { status, data } = await this.ask(method, path, fields);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(data)}`);
    return data;
  }

  async join(token) {
    this.session = (await this.get('POST', `/call/${token}`)).sessionId;
  }
}

/** People with accounts, made by the administrator of a laptop. */
export async function accounts(url, ...ids) {
  const admin = new Person(url, 'admin', 'admin');
  return Promise.all(ids.map(async (userid) => {
    await admin.get('POST', '/ocs/v2.php/cloud/users', { userid, password: PASSWORD });
    return new Person(url, userid);
  }));
}
