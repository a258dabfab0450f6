/* global GraphiQL, React, ReactDOM */
'use strict';

/** Where the token is kept: in this tab, until it is closed. */
const TOKEN = 'podgate-token';

const FIRST_OPERATION = `# Podgate's policies, assignments and decisions. Documentation is under the book on the left.

query Overview {
  viewer {
    actor
    role
  }
  clusters(first: 10) {
    nodes {
      name
      policySetDigest
      decisions(first: 5) {
        nodes {
          decidedAt
          object { kind namespace name }
          allowed
          code
          reason
        }
      }
    }
  }
}
`;

const form = document.getElementById('sign-in');
const input = document.getElementById('token');
const problem = document.getElementById('problem');
const container = document.getElementById('graphiql');

/** Sends an operation with the token. Failures before GraphQL are shown as they came. */
async function send(token, operation) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json, application/json',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(operation),
  });
  return { status: response.status, answer: await response.json() };
}

/** Shows GraphiQL once the server has taken the token. */
async function signIn(token) {
  problem.textContent = '';
  try {
    const { status, answer } = await send(token, { query: '{ viewer { actor } }' });
    if (status !== 200) {
      problem.textContent = answer.detail ?? `The server answered with status ${status}.`;
      return;
    }
  } catch {
    problem.textContent = 'The server could not be reached, or the token has characters that no token has.';
    return;
  }
  sessionStorage.setItem(TOKEN, token);
  input.value = '';
  open(token);
}

function open(token) {
  const signOut = React.createElement(
    'button',
    { type: 'button', className: 'graphiql-button', onClick: leave },
    'Sign out',
  );
  const root = ReactDOM.createRoot(container);
  form.hidden = true;
  container.hidden = false;
  root.render(
    React.createElement(
      GraphiQL,
      {
        fetcher: async (operation) => (await send(token, operation)).answer,
        defaultQuery: FIRST_OPERATION,
        isHeadersEditorEnabled: false,
        inputValueDeprecation: true,
      },
      React.createElement(GraphiQL.Logo, null, signOut),
    ),
  );

  function leave() {
    sessionStorage.removeItem(TOKEN);
    root.unmount();
    container.hidden = true;
    form.hidden = false;
    input.focus();
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void signIn(input.value.trim());
});

const kept = sessionStorage.getItem(TOKEN);
if (kept === null) input.focus();
else void signIn(kept);
