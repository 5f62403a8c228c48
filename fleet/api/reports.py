"""Reports: runs side by side, the same object that the page renders."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from benchmarks.comparing.report import Question
from benchmarks.naming import unknown
from fleet.api.auth import needs
from fleet.reports import choose, comparison
from fleet.submission import Refused

router = Router(tags=["reports"])


class ComparisonQuestion(Schema):
    """Which runs, and what is compared."""

    runs: str | None = Field(None, description="Numbers, separated by commas.")
    experiment: int | None = Field(None, description="All runs of an experiment.")
    confirmation: int | None = Field(
        None, description="An experiment that asked the same again; it must agree."
    )
    a: str | None = Field(None, description="Reference runs by label, KEY:VALUE.")
    b: str | None = Field(None, description="Candidate runs by label, KEY:VALUE.")
    by: str = Field("", description="section, policy, workload, device, params.NAME, label:NAME.")
    reference: str = Field("", description="The side that the others are measured against.")
    threshold: float = Field(0.03, gt=0, lt=1, description="Which change matters, as a share.")


@router.get("/reports/comparison", summary="Runs side by side")
@needs("runs:read")
def compare(request: HttpRequest, question: Query[ComparisonQuestion]) -> dict[str, Any]:
    """Compare runs by number, by experiment or by label: effect, interval and verdict each."""
    for name in request.GET:
        if name not in ComparisonQuestion.model_fields:
            known = ComparisonQuestion.model_fields
            raise Refused(str(unknown("parameter", name, known)), field=name)
    return answer(question)


def answer(question: ComparisonQuestion) -> dict[str, Any]:
    """Return the comparison that a question asks for. Raises Refused."""
    asked = _question(question)
    labels = [label for label in (question.a, question.b) if label]
    runs = choose(_numbers(question.runs), question.experiment, labels)
    return comparison(runs, asked, question.experiment, question.confirmation)


def _question(question: ComparisonQuestion) -> Question:
    by, reference = question.by, question.reference
    if question.a and question.b and not by:
        (key, _, value), other = question.a.partition(":"), question.b.partition(":")[0]
        if key != other:
            raise Refused(
                f"a is about {key!r} and b about {other!r}",
                field="b",
                hint="both sides need a value of the same label, as a=build:main&b=build:pr-1",
            )
        by, reference = f"label:{key}", value
    return Question(by, reference, question.threshold)


def _numbers(text: str | None) -> list[int]:
    words = [word.strip() for word in (text or "").split(",") if word.strip()]
    for word in words:
        if not word.isdigit():
            raise Refused(f"{word!r} is no number of a run", field="runs", hint="write runs=1,2,3")
    return [int(word) for word in words]
