// A DevExtreme PivotGrid on one cube; it asks the server from another origin, with credentials of its own.
import PivotGrid from "devextreme/ui/pivot_grid";
import PivotGridDataSource from "devextreme/ui/pivot_grid/data_source";

const asked = JSON.parse(new URLSearchParams(location.search).get("asked"));
const errors = [];
let shown = 0;
window.addEventListener("error", (event) => errors.push(event.message));

const source = new PivotGridDataSource({
  fields: [
    { dataField: asked.rows, area: "row", expanded: false },
    { dataField: asked.inner, area: "row" },
    { dataField: asked.measure, area: "data" },
  ],
  store: {
    type: "xmla",
    url: asked.url,
    catalog: asked.catalog,
    cube: asked.cube,
    beforeSend: (request) => {
      request.headers.Authorization = asked.authorization;
    },
  },
  onLoadError: (error) => errors.push(error.message ?? String(error)),
});
const grid = new PivotGrid(document.getElementById("grid"), {
  dataSource: source,
  fieldChooser: { enabled: true },
  onContentReady: () => {
    shown += 1;
  },
});

window.pivot = {
  errors: () => errors,
  shown: () => shown,
  fields: () => source.fields().map((field) => field.dataField).filter(Boolean),
  cells: () => [...document.querySelectorAll("#grid td")].flatMap((cell) => cell.innerText.split(/[\n\t]/)).map((t) => t.trim()).filter(Boolean),
  open: (caption) => {
    const cell = [...document.querySelectorAll("#grid td")].find((td) => td.innerText.trim() === caption && td.querySelector(".dx-expand-icon-container"));
    (cell?.querySelector(".dx-expand-icon-container") ?? cell)?.click();
  },
  filter: (members) => {
    source.field(asked.rows, { filterType: "include", filterValues: members });
    source.load();
  },
};
window.grid = grid;
