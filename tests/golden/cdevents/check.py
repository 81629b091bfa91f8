#!/usr/bin/env python3
"""Holds CDEvents, one JSON object a line on standard input, against their published schemas."""
import json
import pathlib
import sys

import jsonschema

here = pathlib.Path(__file__).parent
schemas = [json.loads(file.read_text()) for file in here.rglob("*.json")]
by_id = {schema["$id"]: schema for schema in schemas}
by_type = {
    schema["properties"]["context"]["properties"]["type"]["default"]: schema
    for schema in schemas
    if "context" in schema.get("properties", {})
}
wrong = 0
for line in sys.stdin:
    event = json.loads(line)
    schema = by_type[event["context"]["type"]]
    resolver = jsonschema.RefResolver.from_schema(schema, store=by_id)
    validator = jsonschema.Draft202012Validator(
        schema, resolver=resolver, format_checker=jsonschema.FormatChecker())
    for error in validator.iter_errors(event):
        wrong += 1
        print(event["context"]["type"], error.json_path, error.message)
sys.exit(1 if wrong else 0)
