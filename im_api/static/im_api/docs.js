// @ts-check
// The OpenAPI page, by Swagger UI, whose bundle stands in the page before this script.

/**
 * The settings of Swagger UI that are used here.
 * @typedef {object} Settings
 * @property {string} url
 * @property {HTMLElement} domNode
 * @property {boolean} deepLinking
 * @property {"list"} docExpansion
 * @property {number} defaultModelsExpandDepth
 * @property {boolean} filter
 * @property {null} validatorUrl
 * @property {(request: SwaggerRequest) => SwaggerRequest} requestInterceptor
 * @typedef {{url: string, headers: Record<string, string>}} SwaggerRequest
 * @typedef {{SwaggerUIBundle: (settings: Settings) => unknown}} Bundle
 */

const place = document.getElementById("docs");
const swagger = /** @type {typeof globalThis & Bundle} */ (globalThis);

if (place) {
  swagger.SwaggerUIBundle({
    url: place.dataset.schema ?? "",
    domNode: place,
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    filter: true,
    validatorUrl: null,
    // Whoever is signed in here may try writes as well.
    requestInterceptor: (request) => {
      if (new URL(request.url, location.href).origin === location.origin) {
        request.headers["X-CSRFToken"] = place.dataset.csrfToken ?? "";
      }
      return request;
    },
  });
}
