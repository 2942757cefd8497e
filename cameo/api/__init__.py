"""JSON under `/v1`, RFC 9457 problems, OpenAPI. Routes translate; flows do."""
