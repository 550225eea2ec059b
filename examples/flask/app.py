"""The bootcamp's backend in small: a Flask service that joins the trace of the pair.

It calls activities-api, which calls user-lookup: three services, one trace. docs/guide/10-from-flask.md runs it.
"""

import os
from datetime import datetime, timezone

import requests
from flask import Flask
from flask_cors import CORS
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.propagators import (
    TraceResponsePropagator,
    set_global_response_propagator,
)
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

FRONTEND = os.getenv("FRONTEND_URL", "http://localhost:3000")
BACKEND = os.getenv("BACKEND_URL", "http://localhost:4567")
TIMEOUT_SECONDS = 5

# The SDK reads these: where spans go, and whose they are. For Honeycomb, the same variables with its address and
# OTEL_EXPORTER_OTLP_HEADERS=x-honeycomb-team=<your key>.
os.environ.setdefault("OTEL_SERVICE_NAME", "backend-flask")
os.environ.setdefault("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318")

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("home.activities")
set_global_response_propagator(TraceResponsePropagator())  # answers say which trace they are of: traceresponse

app = Flask(__name__)
FlaskInstrumentor().instrument_app(app)  # a SERVER span per request, below the caller's traceparent
RequestsInstrumentor().instrument()  # a CLIENT span per call, whose traceparent goes along

# A page of another origin may send traceparent only if it is allowed to, and read only what is exposed.
CORS(
    app,
    resources={r"/api/*": {"origins": [FRONTEND, BACKEND]}},
    methods=["OPTIONS", "GET", "HEAD"],
    allow_headers=["content-type", "traceparent", "tracestate", "baggage"],
    expose_headers=["traceresponse"],
)


@app.get("/api/activities/home")
def home_activities():
    with tracer.start_as_current_span("home-activities-mock-data") as span:
        span.set_attribute("app.now", datetime.now(timezone.utc).isoformat())
        answer = requests.get(f"{BACKEND}/api/activities/home", timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        activities = answer.json()["activities"]
        span.set_attribute("app.result_length", len(activities))
        return activities
