"""What the bodies of answers must look like."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from tests.support.gateway import Answer


def has_form(answer: Answer, model: type[BaseModel]) -> Any:
    """The body, which has exactly the form that OpenAPI promises."""
    model.model_validate_json(answer.text)
    return answer.json()
