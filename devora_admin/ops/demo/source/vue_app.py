"""A Vue app with a store per thing."""

from collections.abc import Iterator

from devora_admin.ops.demo.source.brief import (
    Brief,
    File,
    data_files,
    file,
    fill,
    package_json,
    readme,
    stylesheet,
    thing_words,
)

APP = """<script setup>
import { onMounted } from "vue";
import <<Thing>>List from "./components/<<Thing>>List.vue";
import { use<<Things>> } from "./stores/<<things>>.js";

const store = use<<Things>>();
onMounted(() => store.load({ limit: <<limit>> }));
</script>

<template>
  <h1><<title>></h1>
  <<<Thing>>List :items="store.items" @remove="store.remove" />
</template>
"""

LIST = """<script setup>
defineProps({ items: { type: Array, required: true } });
const emit = defineEmits(["remove"]);
</script>

<template>
  <p v-if="items.length === 0">No <<things>> yet.</p>
  <ul v-else class="<<things>>-list">
    <li v-for="<<thing>> in items" :key="<<thing>>.id" class="<<things>>-card">
      {{ <<thing>>.<<first>> }}
      <button type="button" @click="emit('remove', <<thing>>.id)">Remove</button>
    </li>
  </ul>
</template>
"""

STORE = """import { reactive } from "vue";

const state = reactive({ items: [], fault: "" });

export function use<<Things>>() {
  async function load({ limit = <<limit>> } = {}) {
    const response = await fetch(`/api/<<things>>?limit=${limit}`);
    if (!response.ok) {
      state.fault = "The <<things>> did not load.";
      return;
    }
    state.items = await response.json();
  }

  async function remove(id) {
    await fetch(`/api/<<things>>/${id}`, { method: "DELETE" });
    state.items = state.items.filter((<<thing>>) => <<thing>>.id !== id);
  }

  return { get items() { return state.items; }, load, remove };
}
"""


def files(brief: Brief) -> Iterator[File]:
    first = thing_words(brief, brief.domain.things[0])
    yield package_json(
        brief, scripts={"dev": "vite", "build": "vite build"}, needs={"vue": "3.5.13"}
    )
    yield file("src/App.vue", fill(APP, **first))
    yield stylesheet(brief, "src/style.css")
    yield readme(brief, run="npm install && npm run dev")
    for thing in brief.domain.things:
        words = thing_words(brief, thing)
        yield file(f"src/components/{thing.name}List.vue", fill(LIST, **words))
        yield file(f"src/stores/{thing.plural}.js", fill(STORE, **words))
    yield from data_files(brief, "src/data")
