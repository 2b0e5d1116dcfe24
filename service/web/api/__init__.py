"""The API, `/api/v1`: one file a subject, each with a `router` made by `api_router`."""
