// Runs a proxy auto-config file and gives it what such a file may call (Netscape 1996; MDN, "Proxy Auto-Configuration (PAC)
// file"), written for this house. An expression: pac.py appends the arguments. Says JSON: ["answer", text] or ["name", host] of
// a name that has to be resolved outside before the file runs again, or "" when the file fails.
(function (script, url, host, known, nowMs, zoneMs, ownAddress) {
  var wanted = null, has = Object.prototype.hasOwnProperty.bind(known), said = JSON.stringify;

  function isPlainHostName(host) {
    return String(host).indexOf(".") < 0 && String(host).indexOf(":") < 0;
  }

  function dnsDomainIs(host, domain) {
    host = String(host).toLowerCase();
    domain = String(domain).toLowerCase();
    return host.length >= domain.length && host.substring(host.length - domain.length) === domain;
  }

  function localHostOrDomainIs(host, name) {
    host = String(host).toLowerCase();
    name = String(name).toLowerCase();
    return host === name || (isPlainHostName(host) && name.indexOf(host + ".") === 0);
  }

  function dnsDomainLevels(host) {
    return String(host).split(".").length - 1;
  }

  function shExpMatch(text, pattern) {
    var source = String(pattern).replace(/[.*+?^${}()|[\]\\\/-]/g, "\\$&").replace(/(\\\*)+/g, ".*").replace(/\\\?/g, ".");
    return new RegExp("^" + source + "$", "s").test(String(text));
  }

  function dnsResolve(host) {
    host = String(host);
    if (has(host)) return known[host];
    if (wanted === null) wanted = host;
    throw "unresolved";
  }

  function isResolvable(host) {
    return dnsResolve(host) !== null;
  }

  function myIpAddress() {
    return ownAddress;
  }

  function convert_addr(address) {
    var parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(String(address));
    if (parts === null) return null;
    var value = 0;
    for (var i = 1; i <= 4; i++) {
      if (Number(parts[i]) > 255) return null;
      value = value * 256 + Number(parts[i]);
    }
    return value;
  }

  function isInNet(host, pattern, mask) {
    var address = convert_addr(host), net = convert_addr(pattern), bits = convert_addr(mask);
    if (address === null) {
      var found = dnsResolve(host);
      address = found === null ? null : convert_addr(found);
    }
    if (address === null || net === null || bits === null) return false;
    return (address & bits) === (net & bits);
  }

  // Ranges of time. The last argument may be "GMT"; else it is the civil time of the counter.

  var MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
  var DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

  function ask(list) {
    var given = Array.prototype.slice.call(list);
    var gmt = given.length > 0 && String(given[given.length - 1]).toUpperCase() === "GMT";
    if (gmt) given.pop();
    return { now: new Date(nowMs + (gmt ? 0 : zoneMs)), given: given };
  }

  function within(first, value, last) {
    return first <= last ? first <= value && value <= last : value >= first || value <= last;
  }

  function weekdayRange() {
    var asked = ask(arguments);
    var days = asked.given.map(function (day) { return DAYS.indexOf(String(day).toUpperCase()); });
    if (days.length < 1 || days.length > 2 || days.indexOf(-1) >= 0) return false;
    return within(days[0], asked.now.getUTCDay(), days[days.length - 1]);
  }

  function timeRange() {
    var asked = ask(arguments), now = asked.now;
    var given = asked.given.map(Number), half = given.length / 2;
    if (given.length === 1) return now.getUTCHours() === given[0];
    if ([1, 2, 3].indexOf(half) < 0) return false;
    function seconds(parts, fill) {
      return parts[0] * 3600 + (parts.length > 1 ? parts[1] : fill) * 60 + (parts.length > 2 ? parts[2] : fill);
    }
    var value = seconds([now.getUTCHours(), now.getUTCMinutes(), now.getUTCSeconds()], 0);
    return within(seconds(given.slice(0, half), 0), value, seconds(given.slice(half), 59));
  }

  function dateRange() {
    var asked = ask(arguments), now = asked.now;
    function part(value) {
      var month = MONTHS.indexOf(String(value).toUpperCase());
      if (month >= 0) return { unit: 100, value: month, now: now.getUTCMonth() };
      value = Number(value);
      return value > 31 ? { unit: 10000, value: value, now: now.getUTCFullYear() } : { unit: 1, value: value, now: now.getUTCDate() };
    }
    function sum(parts, key) {
      return parts.reduce(function (total, one) { return total + one.unit * one[key]; }, 0);
    }
    var parts = asked.given.map(part), half = parts.length / 2;
    if (parts.length < 1 || parts.some(function (one) { return isNaN(one.value); })) return false;
    var pair = half === Math.floor(half) && parts[0].unit === parts[half].unit;
    var first = pair ? parts.slice(0, half) : parts, last = pair ? parts.slice(half) : parts;
    return within(sum(first, "value"), sum(first, "now"), sum(last, "value"));
  }

  Object.assign(globalThis, {
    isPlainHostName, dnsDomainIs, localHostOrDomainIs, dnsDomainLevels, shExpMatch, dnsResolve, isResolvable, myIpAddress,
    convert_addr, isInNet, weekdayRange, timeRange, dateRange, alert: function () {},
  });

  // An interruption is turned into words when the time limit is over: nothing of the file may run then.
  delete Error.prepareStackTrace;
  Error.prototype[Symbol.toPrimitive] = undefined;
  [Error, Error.prototype, InternalError, InternalError.prototype].forEach(Object.freeze);

  try {
    var answer, failed = false;
    try {
      answer = (0, eval)(script + "\n;FindProxyForURL")(url, host);
    } catch (error) {
      failed = true;
    }
    if (wanted !== null) return said(["name", wanted]);
    if (failed || (typeof answer !== "string" && answer !== null && answer !== undefined)) return "";
    return said(["answer", answer || "DIRECT"]);
  } catch (error) {
    return "";
  }
})
