"""Who are you? The only page without a login."""

from django.contrib.auth.views import LoginView


class Login(LoginView):
    """Asks for name and password; guesses are counted by the login guard."""

    template_name = "frontend/pages/login.html"
    redirect_authenticated_user = True
