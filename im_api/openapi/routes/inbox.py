from im_api.openapi.describe import Operation

OPERATIONS = {
    "GET threads": Operation(summary="List everything that wants an answer or a look, one row each"),
    "GET people/{account_id}/{id}/note": Operation(summary="Show the note on a person"),
    "PUT people/{account_id}/{id}/note": Operation(summary="Write a note on a person"),
    "GET saved-replies": Operation(summary="List the saved replies"),
    "POST saved-replies": Operation(summary="Save a reply"),
    "GET saved-replies/{id}": Operation(summary="Show a saved reply"),
    "PUT saved-replies/{id}": Operation(summary="Change a saved reply"),
    "DELETE saved-replies/{id}": Operation(summary="Delete a saved reply"),
}
