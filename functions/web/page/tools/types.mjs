// Makes types of docs/openapi.json: source/api/schema.ts.

import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const document = JSON.parse(await readFile(new URL('../../../../docs/openapi.json', import.meta.url), 'utf8'));

// What the client sets with every request is nothing that a caller has to name, and it speaks JSON.
const isSetByTheClient = ({ $ref = '' }) => $ref.endsWith('/ApiRequest') || $ref.endsWith('/format');
for (const operations of Object.values(document.paths)) {
  for (const operation of Object.values(operations)) {
    for (const { content = {} } of [operation.requestBody ?? {}, ...Object.values(operation.responses)]) {
      for (const type of Object.keys(content)) if (type !== 'application/json') delete content[type];
    }
    if (operation.parameters) operation.parameters = operation.parameters.filter((it) => !isSetByTheClient(it));
  }
}
const types = astToString(await openapiTS(document));
await writeFile(new URL('../source/api/schema.ts', import.meta.url), `// Made of docs/openapi.json by make page.\n\n${types}`);
