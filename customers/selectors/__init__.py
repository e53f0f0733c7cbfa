"""Questions about facts that are longer than a queryset's method. Each begins with what the asker may see."""
