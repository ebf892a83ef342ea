// Writes to the REST API in the name of the session.
export class Refused extends Error {
  constructor(status) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

let writing = 0;
let writes = 0;

/** Changes whenever a write begins or ends: what was read across such a moment is not the latest. */
export const writeMark = () => writes;
export const isWriting = () => writing > 0;

/** `path` below /api/im/, without a leading slash. Throws Refused, or TypeError without a connection. */
export async function write(method, path, body) {
  writing += 1;
  writes += 1;
  try {
    const answer = await fetch(`/api/im/${path}`, {
      method,
      headers: {
        "X-CSRFToken": document.body.dataset.csrf,
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      keepalive: true,
    });
    if (!answer.ok) throw new Refused(answer.status);
    return (await answer.json()).data;
  } finally {
    writing -= 1;
    writes += 1;
  }
}
