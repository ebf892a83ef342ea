// @ts-check
// Sends the forms of pages. One that is refused since another window signed in is sent again with the new token.
import { renewSession } from "./api.js";

const TOKEN = "csrfmiddlewaretoken";

/**
 * Send a form as it is filled in, and return the answer.
 * @param {HTMLFormElement} form
 */
export async function post(form) {
  const fields = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
  const send = () => fetch(form.action, { method: "POST", body: fields });
  const answer = await send();
  if (answer.status !== 403 || (await renewSession()) !== "renewed") return answer;
  fields.set(TOKEN, document.body.dataset.csrf ?? "");
  return await send();
}
