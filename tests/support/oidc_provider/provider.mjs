// An identity provider for tests: the real oidc-provider, at which everybody is whom a file says.
//
//   node provider.mjs MODULES PORT CLIENTS ACCOUNTS WHO
//
// MODULES: where `npm ci` has put it. CLIENTS: its clients, as JSON. ACCOUNTS: claims of people by
// subject, as JSON. WHO: a file with the subject of whoever sits before the browser, read at each
// login; "nobody" says no. PORT 0 is a free one; the first line printed is the issuer.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const [modules, port, clients, accounts, who] = process.argv.slice(2);
const entry = createRequire(modules + '/').resolve('oidc-provider');
const { Provider } = await import(pathToFileURL(entry));

const json = (file) => JSON.parse(readFileSync(file, 'utf8'));

const configure = () => ({
  clients: json(clients),
  claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
  conformIdTokenClaims: false, // the claims of the scopes stand in the ID token
  features: { devInteractions: { enabled: false } },
  pkce: { required: () => true },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, subject) => ({
    accountId: subject,
    claims: () => ({ sub: subject, ...json(accounts)[subject] }),
  }),
});

async function decide(provider, request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  const subject = readFileSync(who, 'utf8').trim();
  const finish = (result) => provider.interactionFinished(request, response, result);
  if (subject === 'nobody') return finish({ error: 'access_denied' });
  if (prompt.name === 'login') return finish({ login: { accountId: subject } });
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return finish({ consent: { grantId: await grant.save() } });
}

const server = createServer();
server.listen(Number(port), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configure());
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return answer(request, response);
    decide(provider, request, response).catch((error) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });
  console.log(issuer);
});
