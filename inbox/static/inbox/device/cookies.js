// @ts-check
// What this device tells the server with the next page.

const YEAR_S = 365 * 24 * 3600;

/** @param {string} name */
export const getCookie = (name) => document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`))?.[1] ?? "";

/**
 * @param {string} name
 * @param {string} value
 */
export function setCookie(name, value) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API wants https, which a hub at home has not
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_S}; samesite=lax${secure}`;
}
