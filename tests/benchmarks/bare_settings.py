"""What a bare view has need of: the house's database, and nothing else of the house."""

from portal import settings as house

SECRET_KEY = house.SECRET_KEY
ALLOWED_HOSTS = house.ALLOWED_HOSTS
DATABASES = house.DATABASES
USE_TZ = True
INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "tests.benchmarks.bare"
