// What the browser holds beside its own: libraries that come as plain scripts, and what htmx tells of.

import type * as Leaflet from "leaflet";

declare module "leaflet" {
  /** What ``static/js/map/holders.js`` adds for folium's script: places for layers that modules fill. */
  let mapapp: Maps.Holders;
  namespace control {
    let fullscreen: ((options?: object) => Control) | undefined;
  }
  namespace Control {
    const FullScreen: new (options?: object) => Control;
    const Locate: { LocateControl: { addInitHook(hook: () => void): void } };
    let Measure: new (options?: ControlOptions) => Control;
    interface Layers {
      _layers: { name: string }[];
    }
  }
  interface TileLayer {
    hasArrived?: boolean;
    hasFailed?: boolean;
  }
}

declare global {
  interface Window {
    L: typeof Leaflet;
    /** Folium's variable: the map of this document. */
    map_frame: Leaflet.Map;
    /** The two of a document with two maps. */
    map_left: Leaflet.Map;
    map_right: Leaflet.Map;
    protomapsL: Protomaps.Library;
    htmx?: Htmx.Library;
  }

  // A selector's text cannot say which element it finds; on our pages they are HTML. Where more is asked of one than
  // every HTML element has, the place that asks says which it is.
  interface ParentNode {
    querySelector<K extends keyof HTMLElementTagNameMap>(selectors: K): HTMLElementTagNameMap[K] | null;
    querySelectorAll<K extends keyof HTMLElementTagNameMap>(selectors: K): NodeListOf<HTMLElementTagNameMap[K]>;
    querySelector<E extends Element = HTMLElement>(selectors: string): E | null;
    querySelectorAll<E extends Element = HTMLElement>(selectors: string): NodeListOf<E>;
  }
  interface Element {
    closest<E extends Element = HTMLElement>(selectors: string): E | null;
  }

  interface DocumentEventMap {
    "htmx:configRequest": CustomEvent<Htmx.Configured>;
    "htmx:beforeRequest": CustomEvent<Htmx.Answered>;
    "htmx:afterRequest": CustomEvent<Htmx.Answered>;
    "htmx:beforeSwap": CustomEvent<Htmx.Swapping>;
    "htmx:afterSwap": CustomEvent<Htmx.Answered>;
    "htmx:sendError": CustomEvent<Htmx.Answered>;
    "htmx:responseError": CustomEvent<Htmx.Answered>;
    "htmx:timeout": CustomEvent<Htmx.Answered>;
    "htmx:historyRestore": CustomEvent;
    "htmx:pushedIntoHistory": CustomEvent;
    "htmx:replacedInHistory": CustomEvent;
  }

  namespace Htmx {
    interface Library {
      config: Record<string, unknown>;
      process(element: Element): void;
      trigger(element: Element, event: string): void;
    }
    interface Configured {
      elt: Element;
      headers: Record<string, string>;
      triggeringEvent?: Event;
    }
    interface Answered {
      elt: Element;
      target: Element;
      xhr: XMLHttpRequest;
      requestConfig: { verb: string; triggeringEvent?: Event };
    }
    interface Swapping extends Answered {
      shouldSwap: boolean;
    }
  }

  namespace Protomaps {
    interface Point {
      x: number;
      y: number;
    }
    interface Feature {
      id?: number;
      props: Record<string, string>;
    }
    interface Symbolizer {
      draw(context: CanvasRenderingContext2D, rings: Point[][], zoom: number, feature: Feature): void;
    }
    interface Rule {
      dataLayer: string;
      minzoom?: number;
      symbolizer: object;
      filter?(zoom: number, feature: Feature): boolean;
    }
    interface Options {
      paintRules: Rule[];
      labelRules?: Rule[];
      pane: string;
      minZoom?: number;
    }
    interface Views {
      get(name: string): { tileCache: { source: { get(...place: unknown[]): Promise<unknown> } } };
    }
    interface Layer extends Leaflet.GridLayer {
      views: Views;
      rerenderTiles(): void;
      queryTileFeaturesDebug(lon: number, lat: number, brush: number): Map<string, { layerName: string; feature: Feature }[]>;
    }
    interface Library {
      leafletLayer(options: object): Layer;
      TextSymbolizer: new (options: object) => object;
      CenteredSymbolizer: new (symbolizer: object) => object;
    }
  }

  namespace Maps {
    /** What ``maps/documents.py`` writes into the document. */
    interface Config {
      /** The page's view; nothing on a map that stands by itself. */
      view?: string;
      lang: string;
      locale: string;
      day: string;
      names: string[];
      texts: Record<string, string>;
      credit: string;
      /** West, south, east, north. */
      bounds: [number, number, number, number];
      /** Kinds of facilities, and the one whose shape stands for a kind that is not known. */
      kinds: Record<string, Kind>;
      usual: string;
      /** Counts of what is free, and the property that says of which day each is. */
      counts: Record<string, string | null>;
      /** Sources that are ours to name, by what is stored; nothing on a map that stands by itself. */
      sources?: Record<string, string>;
    }
    /** The place of one of our layers in folium's map: a Leaflet group, with the options from Python. */
    interface Holder extends Leaflet.LayerGroup {
      options: Leaflet.LayerOptions;
      /** The name of the class in Python. */
      kind: string;
      /** Its variable, under which its data stands in the document. */
      name: string;
      owner: Leaflet.Map;
    }
    interface Holders {
      held: Holder[];
      /** Whether a page is around this map. */
      framed: boolean;
      /** Whether taps are points of a line that is being measured. */
      measuring: boolean;
      layer(kind: string, name: string, owner: Leaflet.Map, options: object): Holder;
    }
    /** A layer once its module has filled it. */
    interface Filled {
      show(state: State): unknown;
    }
    /** The figures that are painted, as a tap on the map asks about them. */
    interface Painted {
      title?: string;
      /** What the page's address says of places nobody has confirmed lately. */
      asked: string;
      pick(latlng: Leaflet.LatLng): string | null;
      tell(code: string): string;
      choose(code: string | null): void;
      /** The address of the page that tries one more facility of this kind at a place. */
      oneMore(latlng: Leaflet.LatLng): string | null;
      explain(code: string, box: HTMLElement, popup: Leaflet.Popup): unknown;
    }
    /** What the API says of one area's figures. */
    interface AreaFigures {
      lat: number;
      lon: number;
      nearest_km: number;
      nearest_facility: { id: number; name_th: string; name_en?: string; lat: number; lon: number } | null;
    }
    /** What the API says of a figure. */
    interface Values {
      values?: Record<string, number>;
      breaks?: number[];
      unit?: string;
      direction?: string;
    }
    /** Folium's LocateControl, as its library leaves it. */
    interface Locating {
      options: { strings: Record<string, string>; onLocationError(): void; onLocationOutsideMapBounds(): void };
      _map: Leaflet.Map;
      stop(): void;
    }
    type Raster = Leaflet.TileLayer;
    interface Shape {
      body: string;
      sign: string;
    }
    interface Kind extends Shape {
      label: string;
      corners: [number, number][];
    }
    /** What a pin is, in the API's words; a cluster has a count. */
    interface Properties {
      id?: number;
      count?: number;
      kind?: string;
      name_th?: string;
      name_en?: string;
      status?: string;
      open?: { is_open?: boolean | null; reason?: string };
      is_stale?: boolean;
      is_example?: boolean;
      doubtful_at?: string | null;
      confirmed_by?: string;
      confirmed_at?: string;
      verified_at?: string;
      closed_from?: string;
      closed_reason?: string;
      hours?: string;
      distance_m?: number;
      phone?: string;
      further_phones?: { text: string, dial: string | null }[] | null;
      source?: string;
    }
    interface Feature {
      id?: number;
      geometry?: { coordinates?: number[] };
      properties?: Properties;
      /** Of a province that is counted: west, south, east, north. */
      bbox?: number[];
    }
    /** What the page, or the document itself, tells its map. Nothing of it is believed before it was looked at. */
    interface State {
      features?: { features?: Feature[] };
      origin?: number[];
      rings_km?: number[];
      bounds?: [number, number, number, number];
      kind?: string;
      stale?: number;
      level?: string;
      within?: string | null;
      metric_label?: string;
      counted?: string;
      /** Whether a legend stands beside the figures; of two maps side by side one has it. */
      legend?: boolean;
      site?: { lat: number; lon: number; radius_km: number } | null;
      values_url?: string;
      pick?: number[];
      cells?: Partial<Cell>[];
      cells_url?: string;
      /** Boundaries by level, and figures, of a document that stands by itself. */
      shapes?: Record<string, GeoJSON.FeatureCollection>;
      land?: GeoJSON.Geometry;
      /** The code of the area whose outline is marked. */
      chosen?: string | null;
      notes?: { title: string, lines: string[] };
      figures?: Values;
      pins?: { features?: Feature[] };
      dots?: Record<string, unknown>;
      villages?: { lat: number, lon: number, name?: string, told?: string }[];
    }
    /** What a page tells two maps side by side. */
    interface PairState {
      bounds?: [number, number, number, number];
      left?: State;
      right?: State;
    }
    /** Open requests of a square, or of an area. */
    interface Cell {
      key: string;
      /** The square's side in hundredths of a degree; 0: an area. */
      size: number;
      lat: number;
      lon: number;
      count: number;
      /** 1 life, 2 urgent, 3 can wait: the highest among them. */
      urgency: number;
      needs?: Record<string, number>;
      area?: string;
    }
    /** A message between the page and its map. */
    type Message = { type: string } & Record<string, unknown>;
    /** Hears how many tiles are on their way, and that one has failed. */
    type OnTiles = (state: { waiting?: number; failed?: boolean }) => void;
    /** A dot on the canvas, with what Leaflet keeps of it for its renderers. */
    interface Dot extends Leaflet.CircleMarker {
      options: Leaflet.CircleMarkerOptions & { kind?: string; bar?: boolean };
      _point: Leaflet.Point;
      _radius: number;
      _renderer: Canvas;
      _empty(): boolean;
    }
    /** Leaflet's canvas as its own layers see it. */
    interface Canvas extends Leaflet.Canvas {
      _drawing: boolean;
      _ctx: CanvasRenderingContext2D;
      _fillStroke(context: CanvasRenderingContext2D, layer: Dot): void;
      _updateDot(layer: Dot): void;
    }
    /** Leaflet's map with the popup that is open. */
    interface WithPopup {
      _popup?: (Leaflet.Popup & { _source?: Leaflet.Marker }) | null;
    }
    type Fit = (bounds: Leaflet.LatLngBoundsExpression, padding?: number) => void;
  }
}
