"""The OpenAPI document of the API, generated from the routes that serve it, and the Postman collection made of it.

Nothing here is part of a Lambda's package: `python -m openapi.write` writes the documents, which are checked in.

    areas/       one file for each of functions/http: what each of its routes takes and answers
    declaration  the words in which they say so
    shapes       JSON schemas in few words; `schemas` has those that have a name
    replies      answers and refusals
    document     routes and declarations made one document
    postman      the document made a collection
"""
