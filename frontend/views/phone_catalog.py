"""The catalog of virtual phones: what each is made of, and who says so."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from frontend import phone_catalog
from frontend.phone_catalog import CatalogUnreadable


def catalog(request: HttpRequest) -> HttpResponse:
    """Show every phone as a card; `?model=` goes straight to the phone that calls itself so."""
    context: dict[str, object] = {"page": "phone_catalog"}
    try:
        if model := request.GET.get("model"):
            found = phone_catalog.find(model)
            if found:
                return redirect("catalog_phone", found.name)
            context["unknown"] = model
        context["phones"] = phone_catalog.phones()
    except CatalogUnreadable as reason:
        context["reason"] = str(reason)
    return render(request, "frontend/pages/phone_catalog.html", context)


def phone(request: HttpRequest, name: str) -> HttpResponse:
    """Show one phone with every block and its source."""
    try:
        found = next((each for each in phone_catalog.phones() if each.name == name), None)
    except CatalogUnreadable as reason:
        context = {"page": "phone_catalog", "reason": str(reason)}
        return render(request, "frontend/pages/phone_catalog.html", context)
    if found is None:
        raise Http404(f"no phone {name!r} in the catalog")
    return render(
        request, "frontend/pages/catalog_phone.html", {"page": "phone_catalog", "phone": found}
    )
