"""The bare view that `POST leads/` is held against: it reads a lead's JSON and inserts one row."""

import json
from uuid import uuid4

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

TABLE = """
CREATE TABLE IF NOT EXISTS bare_lead (
    id uuid PRIMARY KEY, email text NOT NULL, external_id text NOT NULL, body jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
)
"""
INSERT = "INSERT INTO bare_lead (id, email, external_id, body) VALUES (%s, %s, %s, %s)"


@csrf_exempt
def insert(request: HttpRequest) -> HttpResponse:
    """Insert the body as one row; answer 201 with its id."""
    body = json.loads(request.body)
    made = str(uuid4())
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [made, body["email"], body["external_id"], json.dumps(body)])
    answer = json.dumps({"id": made})
    # The length is what Django's CommonMiddleware adds.
    headers = {"Content-Type": "application/json", "Content-Length": str(len(answer))}
    return HttpResponse(answer, status=201, headers=headers)


urlpatterns = [path("bare/", insert)]
