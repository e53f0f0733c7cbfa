"""What a view has need of that stands alone: the house's database, and nothing else of the house, no middleware."""

from portal import settings as house

SECRET_KEY = house.SECRET_KEY
ALLOWED_HOSTS = house.ALLOWED_HOSTS
DATABASES = house.DATABASES
USE_TZ = True
INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "tests.benchmarks.bare"
