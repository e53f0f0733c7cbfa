from django.db import migrations

from customers.names import search_words


def add_words(apps, _editor):
    """Let those who buy for a firm be found by its name."""
    NameWord = apps.get_model("customers", "NameWord")
    buyers = apps.get_model("customers", "Customer").objects.exclude(firm="").values_list("pk", "firm")
    for pk, firm in buyers.iterator(chunk_size=2000):
        NameWord.objects.bulk_create(
            [NameWord(customer_id=pk, word=word) for word in sorted(search_words(firm))], ignore_conflicts=True
        )


class Migration(migrations.Migration):
    dependencies = [("customers", "0013_selves")]

    operations = [migrations.RunPython(add_words, migrations.RunPython.noop, elidable=True)]
