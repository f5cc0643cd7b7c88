import django.db.models.deletion
from django.db import migrations, models

from devora_admin.memory.store import sql
from devora_admin.memory.store.fields import Bits


class Migration(migrations.Migration):

    dependencies = [
        ('memory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='BinaryVector',
            fields=[
                ('embedding', models.OneToOneField(db_column='id', db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='binary', serialize=False, to='memory.embedding')),
                ('user_id', models.TextField()),
                ('bits', Bits()),
                ('model', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, to='memory.embeddingmodel')),
            ],
        ),
        # Triggers first: from here on nobody writes a vector that is not seen.
        migrations.RunSQL(sql.KEEP_BITS, sql.FORGET_BITS),
        migrations.RunSQL(sql.FILL_BITS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='binaryvector',
            index=models.Index(fields=['user_id', 'model'], include=['embedding', 'bits'], name='memory_binary_user'),
        ),
    ]
