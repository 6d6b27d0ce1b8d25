/* The load of the collaboration benchmark: many websocket clients on one thread, by epoll.

   load live|join|hold --port N --clients FILE [...]   (bench/collab/load.py builds and calls it)

   FILE has a line for each client: ROOM DOCUMENT PATH. What is sent carries a marker "TS:" + due time
   in ns (16 hex) + sender (4 hex), so a server may merge, replace or encode it anew: a state counts
   when a receiver has parsed it, and its latency runs from the time it was due. Own echoes do not
   count, and other people's presence is never sent back. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000ULL
#define BUCKETS 200000 /* of 50 us: latencies up to 10 s */
#define BUCKET_NS 50000ULL
#define CLIENTS_MAX 2048
#define UNACKED_MAX 4096

typedef uint8_t u8;
typedef uint64_t u64;

static void fail(const char *what) { fprintf(stderr, "load: %s: %s\n", what, strerror(errno)); exit(1); }

static u64 now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * SECOND + (u64)t.tv_nsec;
}

/* --- bytes ---------------------------------------------------------------------------------- */

typedef struct { u8 *data; size_t size, room; } Bytes;

static void reserve(Bytes *b, size_t more) {
    if (b->size + more <= b->room) return;
    b->room = (b->size + more) * 2;
    b->data = realloc(b->data, b->room);
    if (!b->data) fail("memory");
}
static void put(Bytes *b, const void *from, size_t size) {
    reserve(b, size);
    memcpy(b->data + b->size, from, size);
    b->size += size;
}
static void put_byte(Bytes *b, unsigned byte) { u8 one = (u8)byte; put(b, &one, 1); }
static void put_varint(Bytes *b, u64 n) {
    while (n > 127) { put_byte(b, (unsigned)(n & 127) | 128); n >>= 7; }
    put_byte(b, (unsigned)n);
}
static void put_text(Bytes *b, const char *text) { size_t n = strlen(text); put_varint(b, n); put(b, text, n); }

static bool get_varint(const u8 **at, const u8 *end, u64 *n) {
    u64 value = 0;
    for (int shift = 0; *at < end && shift < 63; shift += 7) {
        u8 byte = *(*at)++;
        value |= (u64)(byte & 127) << shift;
        if (byte < 128) { *n = value; return true; }
    }
    return false;
}

/* --- latencies ------------------------------------------------------------------------------ */

typedef struct { uint32_t *count; u64 total, max; } Latencies;

static void latencies_init(Latencies *l) { l->count = calloc(BUCKETS, sizeof *l->count); l->total = l->max = 0; }
static void note(Latencies *l, u64 ns) {
    u64 bucket = ns / BUCKET_NS;
    l->count[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
    l->total++;
    if (ns > l->max) l->max = ns;
}
static double percentile(const Latencies *l, double share) {
    u64 wanted = (u64)(share * (double)l->total), seen = 0;
    for (int i = 0; i < BUCKETS; i++)
        if ((seen += l->count[i]) > wanted) return (double)(i + 1) * (double)BUCKET_NS / 1e6;
    return (double)l->max / 1e6;
}

/* --- settings and clients ------------------------------------------------------------------- */

static struct {
    int port, rooms, clients, stalled, serial, together;
    bool framed, mixed, ack;
    double presence_hz, edit_hz, warm, window, drain;
    char pids[256];
} set = {.stalled = -1, .warm = 1, .window = 4, .drain = 1.5, .serial = 10, .together = 30};

typedef enum { NEW, CONNECTING, UPGRADING, OPEN, CLOSED } State;
typedef struct { u64 clock, at; } Unacked;

typedef struct {
    int fd, number, room;
    char document[80], *path;
    State state;
    bool synced, answered, reading;
    int close_code;
    u64 started, synced_at;
    Bytes in, message, out;
    u64 id, presence_clock, clock; /* of Yjs: who it is, and what comes next */
    u64 drag_clock, name_clock, extra_base, extra_by;
    unsigned edits;
    Unacked *unacked;
    size_t unacked_from, unacked_to;
    u64 *seen_presence, *seen_edit; /* due time of the newest seen of each sender */
} Client;

static Client clients[CLIENTS_MAX];
static int room_size[CLIENTS_MAX];
static int epoll_fd;
static u64 window_start = UINT64_MAX, window_end = UINT64_MAX;
static Latencies presence_seen, edit_seen, acked;
static u64 sent_presence, sent_edits, offered, bytes_in, superseded;
static u64 dice = 88172645463325252ULL;

static u64 roll(void) { dice ^= dice << 13; dice ^= dice >> 7; dice ^= dice << 17; return dice; }

/* --- sending -------------------------------------------------------------------------------- */

static void watch(Client *c, int op) {
    struct epoll_event event = {.events = (c->reading ? EPOLLIN : 0) | (c->out.size || c->state == CONNECTING ? EPOLLOUT : 0), .data.ptr = c};
    if (epoll_ctl(epoll_fd, op, c->fd, &event) && op != EPOLL_CTL_DEL) fail("epoll_ctl");
}
static void end(Client *c) {
    if (c->state == CLOSED || c->state == NEW) return;
    close(c->fd);
    c->state = CLOSED;
    c->in.size = c->out.size = c->message.size = 0;
}
static void flush(Client *c) {
    size_t at = 0;
    while (at < c->out.size) {
        ssize_t n = send(c->fd, c->out.data + at, c->out.size - at, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EAGAIN || errno == EWOULDBLOCK) break;
            end(c);
            return;
        }
        at += (size_t)n;
    }
    bool had = c->out.size > 0;
    memmove(c->out.data, c->out.data + at, c->out.size - at);
    c->out.size -= at;
    if (had) watch(c, EPOLL_CTL_MOD);
}
static void send_frame(Client *c, unsigned opcode, const u8 *data, size_t size) {
    static const u8 mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    Bytes *out = &c->out;
    bool idle = out->size == 0;
    put_byte(out, 0x80 | opcode);
    if (size < 126) put_byte(out, 0x80 | (unsigned)size);
    else if (size < 65536) { put_byte(out, 0x80 | 126); put_byte(out, size >> 8 & 255); put_byte(out, size & 255); }
    else { put_byte(out, 0x80 | 127); for (int i = 7; i >= 0; i--) put_byte(out, size >> (8 * i) & 255); }
    put(out, mask, 4);
    reserve(out, size);
    for (size_t i = 0; i < size; i++) out->data[out->size + i] = data[i] ^ mask[i & 3];
    out->size += size;
    if (!idle) return;
    ssize_t n = send(c->fd, out->data, out->size, MSG_NOSIGNAL);
    if (n == (ssize_t)out->size) { out->size = 0; return; }
    if (n < 0 && errno != EAGAIN) { end(c); return; }
    if (n > 0) { memmove(out->data, out->data + n, out->size - (size_t)n); out->size -= (size_t)n; }
    watch(c, EPOLL_CTL_MOD);
}
static void send_message(Client *c, const Bytes *body) {
    if (!set.framed) { send_frame(c, 2, body->data, body->size); return; }
    static Bytes framed;
    framed.size = 0;
    put_text(&framed, c->document);
    put(&framed, body->data, body->size);
    send_frame(c, 2, framed.data, framed.size);
}
static void send_sync(Client *c, unsigned step, const Bytes *body) {
    static Bytes message;
    message.size = 0;
    put_byte(&message, 0);
    put_byte(&message, step);
    put_varint(&message, body->size);
    put(&message, body->data, body->size);
    send_message(c, &message);
}
static void greet(Client *c) {
    static Bytes body;
    if (set.framed) {
        body.size = 0;
        put_byte(&body, 2);
        put_byte(&body, 0);
        put_text(&body, "token");
        send_message(c, &body);
    }
    body.size = 0;
    put_byte(&body, 0);
    send_sync(c, 0, &body);
}

static void marker(char *out, const Client *c, u64 due) { sprintf(out, "TS:%016llx%04x", (unsigned long long)due, c->number); }

static void send_presence(Client *c, u64 due) {
    static Bytes body, message;
    char json[256], mark[32];
    marker(mark, c, due);
    snprintf(json, sizeof json,
             "{\"user\":{\"name\":\"Person %03d\",\"color\":\"#30bced\"},\"playhead\":%llu,\"cursor\":{\"track\":\"v%d\"},"
             "\"selection\":[\"own_%04d\"],\"at\":\"%s\"}",
             c->number, (unsigned long long)(roll() % 95256000000ULL), c->number % 12, c->number, mark);
    body.size = message.size = 0;
    put_varint(&body, 1);
    put_varint(&body, c->id);
    put_varint(&body, ++c->presence_clock);
    put_text(&body, json);
    put_byte(&message, 1);
    put_varint(&message, body.size);
    put(&message, body.data, body.size);
    send_message(c, &message);
}

static void any_text(Bytes *b, const char *text) { put_byte(b, 1); put_byte(b, 119); put_text(b, text); }
static void any_number(Bytes *b, u64 n) { /* whole, as a signed varint */
    put_byte(b, 1);
    put_byte(b, 125);
    put_byte(b, (unsigned)(n & 63) | (n > 63 ? 128 : 0));
    for (n >>= 6; n; n >>= 7) put_byte(b, (unsigned)(n & 127) | (n > 127 ? 128 : 0));
}
static void begin_update(Bytes *b, Client *c, unsigned structs) {
    b->size = 0;
    put_byte(b, 1);
    put_varint(b, structs);
    put_varint(b, c->id);
    put_varint(b, c->clock);
}
static void after(Bytes *b, Client *c, u64 clock) { put_byte(b, 0xa8); put_varint(b, c->id); put_varint(b, clock); }
static void under(Bytes *b, Client *c, u64 record, const char *key) {
    put_byte(b, 0x28);
    put_byte(b, 0);
    put_varint(b, c->id);
    put_varint(b, record);
    put_text(b, key);
}
static void end_update(Bytes *b, Client *c, u64 first, u64 length) {
    put_byte(b, length ? 1 : 0);
    if (!length) return;
    put_varint(b, c->id);
    put_byte(b, 1);
    put_varint(b, first);
    put_varint(b, length);
}
/* A record of its own with 13 keys, of which the last three are dragged. */
static void new_clip(Bytes *b, Client *c, const char *id, const char *mark) {
    static const char *keys[] = {"kind", "asset", "opacity", "x", "y", "scale", "rotation", "speed", "duration", "name", "start", "track", "by"};
    begin_update(b, c, 14);
    put_byte(b, 0x27);
    put_byte(b, 1);
    put_text(b, "clips");
    put_text(b, id);
    put_byte(b, 1);
    for (int k = 0; k < 13; k++) {
        under(b, c, c->clock, keys[k]);
        if (k == 12) any_text(b, mark);
        else if (k == 11) any_text(b, "v1");
        else if (k < 2 || k == 9) any_text(b, k == 0 ? "media" : "asset_0123456789");
        else any_number(b, 705600000ULL * (u64)k);
    }
    end_update(b, c, 0, 0);
}
static void begin_clip(Client *c) {
    static Bytes b;
    char id[32];
    sprintf(id, "own_%04d", c->number);
    new_clip(&b, c, id, "");
    c->drag_clock = c->clock + 11;
    c->name_clock = c->clock + 10;
    c->clock += 14;
    send_sync(c, 2, &b);
}
static void drag(Bytes *b, Client *c, const char *mark) {
    char track[8];
    sprintf(track, "v%llu", (unsigned long long)(roll() % 10));
    begin_update(b, c, 3);
    after(b, c, c->drag_clock);
    any_number(b, roll() % 95256000000ULL);
    after(b, c, c->drag_clock + 1);
    any_text(b, track);
    after(b, c, c->drag_clock + 2);
    any_text(b, mark);
    end_update(b, c, c->drag_clock, 3);
    c->drag_clock = c->clock;
    c->clock += 3;
}
/* One key of a record, with the marker as its value: a new key, or in place of an older value. */
static void set_key(Bytes *b, Client *c, u64 *clock, u64 record, const char *key, const char *mark) {
    begin_update(b, c, 1);
    if (*clock) after(b, c, *clock);
    else under(b, c, record, key);
    any_text(b, mark);
    end_update(b, c, *clock, *clock ? 1 : 0);
    *clock = c->clock++;
}
static void send_edit(Client *c, u64 due) {
    static Bytes b;
    char mark[32], id[48];
    marker(mark, c, due);
    unsigned kind = set.mixed ? c->edits % 10 : 0;
    c->edits++;
    if (kind == 3 || kind == 7) {
        sprintf(id, "new_%04d_%u", c->number, c->edits);
        new_clip(&b, c, id, mark);
        c->extra_base = c->clock;
        c->extra_by = 0;
        c->clock += 14;
    } else if (kind == 9 && c->extra_base) set_key(&b, c, &c->extra_by, c->extra_base, "removed", mark);
    else if (kind == 5) set_key(&b, c, &c->name_clock, 0, "name", mark);
    else drag(&b, c, mark);
    if (set.ack && c->unacked_to - c->unacked_from < UNACKED_MAX)
        c->unacked[c->unacked_to++ % UNACKED_MAX] = (Unacked){c->clock, now_ns()};
    send_sync(c, 2, &b);
}

/* --- receiving ------------------------------------------------------------------------------ */

static u64 hex(const u8 *at, int digits) {
    u64 n = 0;
    for (int i = 0; i < digits; i++) n = n << 4 | (u64)(at[i] <= '9' ? at[i] - '0' : at[i] - 'a' + 10);
    return n;
}
/* Presence of the same sender that was never seen because newer presence took its place. */
static void count_superseded(u64 before, u64 due) {
    u64 period = (u64)(1e9 / set.presence_hz);
    for (u64 missed = before + period; missed + period / 2 < due; missed += period)
        superseded += missed >= window_start && missed < window_end;
}
static void look_for_states(Client *c, const u8 *at, const u8 *end_of, u64 *seen, Latencies *latencies) {
    u64 now = now_ns();
    while ((at = memmem(at, (size_t)(end_of - at), "TS:", 3)) && end_of - at >= 23) {
        u64 due = hex(at + 3, 16);
        unsigned sender = (unsigned)hex(at + 19, 4);
        at += 23;
        if (sender >= (unsigned)set.clients || (int)sender == c->number || due <= seen[sender]) continue;
        u64 before = seen[sender];
        seen[sender] = due;
        if (c->number == set.stalled) continue; /* what it reads at the end tells nothing of others */
        if (seen == c->seen_presence && before) count_superseded(before, due);
        if (due >= window_start && due < window_end) note(latencies, now - due);
    }
}
static void take_ack(Client *c, const u8 *at, const u8 *end_of) {
    u64 size, count, id, clock, now = now_ns();
    if (!get_varint(&at, end_of, &size) || !get_varint(&at, end_of, &count)) return;
    while (count-- && get_varint(&at, end_of, &id) && get_varint(&at, end_of, &clock)) {
        if (id != c->id) continue;
        while (c->unacked_from < c->unacked_to && c->unacked[c->unacked_from % UNACKED_MAX].clock <= clock) {
            u64 at_ns = c->unacked[c->unacked_from++ % UNACKED_MAX].at;
            if (at_ns >= window_start && at_ns < window_end) note(&acked, now - at_ns);
        }
    }
}
static void take_message(Client *c, const u8 *at, const u8 *end_of) {
    u64 kind, step;
    if (set.framed) {
        u64 size;
        if (!get_varint(&at, end_of, &size)) return;
        at += size;
    }
    if (!get_varint(&at, end_of, &kind)) return;
    if (kind == 1) { look_for_states(c, at, end_of, c->seen_presence, &presence_seen); return; }
    if (kind == 64) { take_ack(c, at, end_of); return; }
    if ((kind != 0 && kind != 4) || !get_varint(&at, end_of, &step)) return;
    if (step == 0) {
        static const u8 nothing[2] = {0, 0};
        Bytes empty = {(u8 *)nothing, 2, 2};
        if (!c->answered) send_sync(c, 1, &empty);
        c->answered = true;
    } else {
        if (step == 1 && !c->synced) { c->synced = true; c->synced_at = now_ns(); }
        look_for_states(c, at, end_of, c->seen_edit, &edit_seen);
    }
}
/* One frame from the front of `in`; how many bytes it took, 0 where it is not whole. */
static size_t take_frame(Client *c, const u8 *data, size_t size) {
    if (size < 2) return 0;
    unsigned opcode = data[0] & 15;
    size_t length = data[1] & 127, head = 2;
    if (length == 126) {
        if (size < 4) return 0;
        length = (size_t)data[2] << 8 | data[3];
        head = 4;
    } else if (length == 127) {
        if (size < 10) return 0;
        length = 0;
        for (int i = 2; i < 10; i++) length = length << 8 | data[i];
        head = 10;
    }
    if (size < head + length) return 0;
    const u8 *body = data + head;
    if (opcode == 8) {
        c->close_code = length >= 2 ? body[0] << 8 | body[1] : 1005;
        end(c);
        return 0;
    }
    if (opcode == 9) send_frame(c, 10, body, length);
    else if (opcode <= 2) {
        bool last = data[0] & 128;
        if (last && !c->message.size) take_message(c, body, body + length);
        else {
            put(&c->message, body, length);
            if (last) { take_message(c, c->message.data, c->message.data + c->message.size); c->message.size = 0; }
        }
    }
    return head + length;
}
static void receive(Client *c) {
    for (;;) {
        reserve(&c->in, 65536);
        ssize_t n = recv(c->fd, c->in.data + c->in.size, c->in.room - c->in.size, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN)) {
            if (!c->close_code) c->close_code = 1006;
            end(c);
            return;
        }
        if (n < 0) return;
        bytes_in += (u64)n;
        c->in.size += (size_t)n;
        size_t at = 0;
        if (c->state == UPGRADING) {
            u8 *blank = memmem(c->in.data, c->in.size, "\r\n\r\n", 4);
            if (!blank) continue;
            if (memcmp(c->in.data, "HTTP/1.1 101", 12)) { fprintf(stderr, "load: no upgrade: %.60s\n", c->in.data); exit(1); }
            at = (size_t)(blank + 4 - c->in.data);
            c->state = OPEN;
            greet(c);
        }
        size_t took;
        while (c->state == OPEN && (took = take_frame(c, c->in.data + at, c->in.size - at))) at += took;
        if (c->state != OPEN) return;
        memmove(c->in.data, c->in.data + at, c->in.size - at);
        c->in.size -= at;
        if ((size_t)n < 65536) return;
    }
}

/* --- the loop ------------------------------------------------------------------------------- */

static void open_client(Client *c) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)set.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    c->in.size = c->out.size = c->message.size = 0;
    c->synced = c->answered = false;
    c->close_code = 0;
    c->reading = true;
    c->id = (roll() & 0x3fffffff) | 0x40000000;
    c->clock = 0;
    c->started = now_ns();
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->fd < 0) fail("socket");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->state = CONNECTING;
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS) fail("connect");
    watch(c, EPOLL_CTL_ADD);
}
static void upgrade(Client *c) {
    char head[2600];
    int size = snprintf(head, sizeof head,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                        c->path, set.port);
    c->state = UPGRADING;
    put(&c->out, head, (size_t)size);
    flush(c);
}
/* Events until `until` (ns), or sooner where some came. */
static void turn(u64 until) {
    struct epoll_event events[256];
    u64 now = now_ns();
    u64 wait = until > now ? until - now : 0;
    struct timespec limit = {(time_t)(wait / SECOND), (long)(wait % SECOND)};
    int count = epoll_pwait2(epoll_fd, events, 256, &limit, NULL);
    for (int i = 0; i < count; i++) {
        Client *c = events[i].data.ptr;
        if (c->state == CLOSED) continue;
        if (c->state == CONNECTING && events[i].events & (EPOLLOUT | EPOLLERR)) { upgrade(c); continue; }
        if (events[i].events & EPOLLOUT) flush(c);
        if (c->state != CLOSED && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR) && c->reading) receive(c);
    }
}
static void wait_for_sync(int from, int to, double seconds) {
    u64 limit = now_ns() + (u64)(seconds * 1e9);
    for (;;) {
        int missing = 0;
        for (int i = from; i < to; i++) {
            if (clients[i].state == CLOSED) { fprintf(stderr, "load: client %d was closed with %d\n", i, clients[i].close_code); exit(1); }
            missing += clients[i].state != NEW && !clients[i].synced;
        }
        if (!missing) return;
        if (now_ns() > limit) { fprintf(stderr, "load: %d of %d not synced in %.0f s\n", missing, to - from, seconds); exit(1); }
        turn(now_ns() + SECOND / 10);
    }
}
/* Open clients a few at a time: nobody measures how a server likes a thousand at once. The first of
   each room comes alone: pycrdt-websocket hangs when several do. */
static void open_some(int from, int to, bool first) {
    int opened = 0;
    for (int i = from; i < to; i++) {
        if ((i == 0 || clients[i].room != clients[i - 1].room) != first) continue;
        open_client(&clients[i]);
        if (++opened % 20 == 0) wait_for_sync(from, i + 1, 60);
    }
    wait_for_sync(from, to, 60);
}
static void open_all(int from, int to) {
    open_some(from, to, true);
    open_some(from, to, false);
}
static void idle(double seconds) {
    u64 limit = now_ns() + (u64)(seconds * 1e9);
    while (now_ns() < limit) turn(limit);
}

/* CPU time of all threads of the server's processes, in ns. */
static u64 server_cpu(void) {
    u64 sum = 0;
    char list[256], *rest = list, *pid;
    strcpy(list, set.pids);
    while ((pid = strsep(&rest, ","))) {
        char path[512];
        snprintf(path, sizeof path, "/proc/%s/task", pid);
        DIR *tasks = opendir(path);
        if (!tasks) continue;
        struct dirent *task;
        while ((task = readdir(tasks))) {
            unsigned long long ran = 0;
            snprintf(path, sizeof path, "/proc/%s/task/%.20s/schedstat", pid, task->d_name);
            FILE *f = task->d_name[0] == '.' ? NULL : fopen(path, "r");
            if (f && fscanf(f, "%llu", &ran) == 1) sum += ran;
            if (f) fclose(f);
        }
        closedir(tasks);
    }
    return sum;
}
static u64 own_cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (u64)t.tv_sec * SECOND + (u64)t.tv_nsec;
}

/* --- live: presence and edits at a rate ------------------------------------------------------ */

typedef struct { u64 due; int client; } Turn;
static int by_due(const void *a, const void *b) { u64 x = ((const Turn *)a)->due, y = ((const Turn *)b)->due; return x < y ? -1 : x > y; }

/* Everybody once, evenly spaced from a random start: the order then stays the same for ever. */
static Turn *turns(double hz, u64 start) {
    Turn *list = calloc((size_t)set.clients, sizeof *list);
    u64 period = (u64)(1e9 / hz);
    for (int i = 0; i < set.clients; i++) list[i] = (Turn){start + roll() % period, i};
    qsort(list, (size_t)set.clients, sizeof *list, by_due);
    return list;
}
static void live(void) {
    open_all(0, set.clients);
    for (int i = 0; set.edit_hz > 0 && i < set.clients; i++) { begin_clip(&clients[i]); if (i % 20 == 19) idle(0.02); }
    idle(0.7);
    u64 start = now_ns(), begin = start + (u64)(set.warm * 1e9), stop = begin + (u64)(set.window * 1e9);
    Turn *kinds[2] = {set.presence_hz > 0 ? turns(set.presence_hz, start) : NULL, set.edit_hz > 0 ? turns(set.edit_hz, start) : NULL};
    u64 periods[2] = {kinds[0] ? (u64)(1e9 / set.presence_hz) : 0, kinds[1] ? (u64)(1e9 / set.edit_hz) : 0};
    int next[2] = {0, 0};
    u64 cpu = 0, own = 0, late = 0;
    window_start = begin;
    window_end = stop;
    for (;;) {
        u64 now = now_ns(), due = UINT64_MAX;
        if (now >= begin && !own) {
            cpu = server_cpu();
            own = own_cpu();
            if (set.stalled >= 0) { clients[set.stalled].reading = false; watch(&clients[set.stalled], EPOLL_CTL_MOD); }
        }
        if (now >= stop) break;
        for (int k = 0; k < 2; k++) {
            while (kinds[k] && kinds[k][next[k]].due <= now) {
                Turn *turn_of = &kinds[k][next[k]];
                Client *c = &clients[turn_of->client];
                if (c->state == OPEN && c->number != set.stalled) {
                    if (k == 0) send_presence(c, turn_of->due);
                    else send_edit(c, turn_of->due);
                    if (turn_of->due >= begin && turn_of->due < stop) {
                        int others = room_size[c->room] - 1 - (set.stalled >= 0 && clients[set.stalled].room == c->room);
                        offered += (u64)others;
                        *(k == 0 ? &sent_presence : &sent_edits) += 1;
                        if (now - turn_of->due > late) late = now - turn_of->due;
                    }
                }
                turn_of->due += periods[k];
                next[k] = (next[k] + 1) % set.clients;
            }
            if (kinds[k] && kinds[k][next[k]].due < due) due = kinds[k][next[k]].due;
        }
        turn(due < stop ? due : stop);
    }
    cpu = server_cpu() - cpu;
    own = own_cpu() - own;
    u64 stopped = now_ns();
    idle(set.drain);
    int closed = 0, code = 0;
    if (set.stalled >= 0 && clients[set.stalled].state == OPEN) {
        clients[set.stalled].reading = true;
        watch(&clients[set.stalled], EPOLL_CTL_MOD);
        idle(1);
    }
    for (int i = 0; i < set.clients; i++) if (clients[i].close_code && i != set.stalled) { closed++; code = clients[i].close_code; }
    u64 delivered = presence_seen.total + edit_seen.total;
    double seconds = (double)(stopped - begin) / 1e9, cpu_seconds = (double)cpu / 1e9;
    printf("{\"sent_presence\": %llu, \"sent_edits\": %llu, \"offered\": %llu, \"delivered\": %llu, \"delivered_share\": %.4f, \"superseded_share\": %.4f,"
           " \"seconds\": %.3f, \"cpu_seconds\": %.4f, \"core_share\": %.4f, \"states_per_cpu_second\": %.0f,"
           " \"presence_p50_ms\": %.2f, \"presence_p99_ms\": %.2f, \"edit_p50_ms\": %.2f, \"edit_p99_ms\": %.2f,"
           " \"acked\": %llu, \"ack_p50_ms\": %.2f, \"ack_p99_ms\": %.2f, \"closed\": %d, \"close_code\": %d, \"stalled_close_code\": %d,"
           " \"generator_core_share\": %.3f, \"generator_late_max_ms\": %.2f}\n",
           (unsigned long long)sent_presence, (unsigned long long)sent_edits, (unsigned long long)offered, (unsigned long long)delivered,
           offered ? (double)delivered / (double)offered : 0, offered ? (double)superseded / (double)offered : 0, seconds, cpu_seconds, cpu_seconds / seconds,
           cpu_seconds > 0 ? (double)delivered / cpu_seconds : 0, percentile(&presence_seen, .5), percentile(&presence_seen, .99),
           percentile(&edit_seen, .5), percentile(&edit_seen, .99), (unsigned long long)acked.total, percentile(&acked, .5),
           percentile(&acked, .99), closed, code, set.stalled >= 0 ? clients[set.stalled].close_code : 0, (double)own / 1e9 / seconds,
           (double)late / 1e6);
}

/* --- join: one by one, then many at once; client 0 stays and keeps the document open --------- */

static int by_value(const void *a, const void *b) { double x = *(const double *)a, y = *(const double *)b; return x < y ? -1 : x > y; }

static void join(void) {
    double times[256];
    open_all(0, 1);
    idle(0.7);
    u64 cpu = server_cpu(), before = bytes_in;
    for (int i = 0; i < set.serial; i++) {
        Client *c = &clients[1 + i];
        open_client(c);
        wait_for_sync(1 + i, 2 + i, 60);
        times[i] = (double)(c->synced_at - c->started) / 1e6;
        end(c);
        idle(0.05);
    }
    double serial_cpu = (double)(server_cpu() - cpu) / 1e6 / set.serial;
    double size = (double)(bytes_in - before) / set.serial;
    qsort(times, (size_t)set.serial, sizeof *times, by_value);
    idle(0.5);
    int from = 1 + set.serial;
    cpu = server_cpu();
    u64 start = now_ns(), last = start;
    for (int i = 0; i < set.together; i++) open_client(&clients[from + i]);
    wait_for_sync(from, from + set.together, 120);
    for (int i = 0; i < set.together; i++) if (clients[from + i].synced_at > last) last = clients[from + i].synced_at;
    idle(0.1);
    double together_cpu = (double)(server_cpu() - cpu) / 1e6 / set.together;
    printf("{\"join_p50_ms\": %.2f, \"join_max_ms\": %.2f, \"join_cpu_ms\": %.3f, \"join_bytes\": %.0f,"
           " \"together\": %d, \"together_ms\": %.1f, \"together_cpu_ms\": %.3f}\n",
           times[set.serial / 2], times[set.serial - 1], serial_cpu, size, set.together, (double)(last - start) / 1e6, together_cpu);
}

/* --- hold: everybody in and quiet, until stdin ends ------------------------------------------ */

static void hold(void) {
    open_all(0, set.clients);
    idle(1);
    printf("{\"held\": %d}\n", set.clients);
    fflush(stdout);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &event)) fail("stdin");
    for (;;) {
        struct epoll_event events[256];
        int count = epoll_wait(epoll_fd, events, 256, 1000);
        for (int i = 0; i < count; i++) {
            Client *c = events[i].data.ptr;
            if (!c) { char byte; if (read(0, &byte, 1) <= 0) return; continue; }
            if (c->state != CLOSED) receive(c);
        }
    }
}

static void read_clients(const char *file) {
    FILE *f = fopen(file, "r");
    if (!f) fail(file);
    char document[80], path[2400];
    int room;
    while (fscanf(f, "%d %79s %2399s", &room, document, path) == 3) {
        if (set.clients == CLIENTS_MAX) { fprintf(stderr, "load: more than %d clients\n", CLIENTS_MAX); exit(2); }
        Client *c = &clients[set.clients];
        c->number = set.clients++;
        c->room = room;
        strcpy(c->document, document);
        c->path = strdup(path);
        room_size[room]++;
    }
    fclose(f);
    for (int i = 0; i < set.clients; i++) {
        clients[i].seen_presence = calloc((size_t)set.clients, sizeof(u64));
        clients[i].seen_edit = calloc((size_t)set.clients, sizeof(u64));
        clients[i].unacked = set.ack ? calloc(UNACKED_MAX, sizeof(Unacked)) : NULL;
    }
}
int main(int count, char **words) {
    static const struct option options[] = {
        {"port", 1, 0, 'p'}, {"clients", 1, 0, 'c'}, {"presence", 1, 0, 'a'}, {"edits", 1, 0, 'e'}, {"warm", 1, 0, 'w'},
        {"window", 1, 0, 't'}, {"drain", 1, 0, 'd'}, {"pids", 1, 0, 'P'}, {"stall", 1, 0, 's'}, {"serial", 1, 0, 'n'},
        {"together", 1, 0, 'N'}, {"framed", 0, 0, 'f'}, {"mixed", 0, 0, 'm'}, {"ack", 0, 0, 'k'}, {0, 0, 0, 0}};
    const char *file = NULL;
    for (int option; (option = getopt_long(count, words, "", options, NULL)) != -1;) switch (option) {
        case 'p': set.port = atoi(optarg); break;
        case 'c': file = optarg; break;
        case 'a': set.presence_hz = atof(optarg); break;
        case 'e': set.edit_hz = atof(optarg); break;
        case 'w': set.warm = atof(optarg); break;
        case 't': set.window = atof(optarg); break;
        case 'd': set.drain = atof(optarg); break;
        case 'P': snprintf(set.pids, sizeof set.pids, "%s", optarg); break;
        case 's': set.stalled = atoi(optarg); break;
        case 'n': set.serial = atoi(optarg); break;
        case 'N': set.together = atoi(optarg); break;
        case 'f': set.framed = true; break;
        case 'm': set.mixed = true; break;
        case 'k': set.ack = true; break;
        default: return 2;
    }
    if (optind >= count || !file || !set.port) { fprintf(stderr, "load: live|join|hold --port N --clients FILE\n"); return 2; }
    read_clients(file);
    latencies_init(&presence_seen);
    latencies_init(&edit_seen);
    latencies_init(&acked);
    epoll_fd = epoll_create1(0);
    if (!strcmp(words[optind], "live")) live();
    else if (!strcmp(words[optind], "join")) join();
    else hold();
    return 0;
}
