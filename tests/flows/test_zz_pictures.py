from PySide6.QtCore import Qt
from tests.flows.test_the_road import receive, until, tasks, click, look_at, fill, line, PAUSED, ISSUED
from tests.flows.test_the_road import world, one, printed
def test_pictures(world, one, printed):
    one.app.commands.travel.decide(**PAUSED)
    receive(one, world.refused)
    one.hands.press(Qt.Key.Key_F2)
    first = one.text("received_code")
    typed = line(ISSUED, seed=31)
    one.app.window.desk.reception.show_line(typed)
    one.hands.press(Qt.Key.Key_F9)
    one.hands.wait(lambda: one.text("received_code") not in ("", first), what="second"); code = one.text("received_code")
    one.hands.wait(lambda: code in printed, what="printed")
    one.app.commands.travel.decide("Gửi – nhận tiếp.", paused=False)
    try:
        until(one, lambda: tasks(one, "numbered") and tasks(one, "refused"), "both")
    finally:
        print([t["kind"] for t in one.app.window.desk.tasks._shown], world.systems.state()["calls"], world.systems.state()["ministry"]["calls"], world.systems.state()["national"]["calls"])
        one.hands.look("f4_both")
    one.app.window.desk.notice.hide()
    one.app.commands.show_wanted.emit("tasks", "")
    one.hands.look("f4_both")
    click(one, "task_print")
    one.hands.wait(lambda: len(printed) > 2, what="new")
    [k] = [k for k in printed if "receipt" in k]
    from desktop.printing import rasterise
    rasterise(printed[k], 120)[0][0].save(str(one.hands._pictures / "receipt_new.png"))
    rasterise(printed[code], 120)[0][0].save(str(one.hands._pictures / "receipt_old.png"))
    one.hands.wait(lambda: not tasks(one, "numbered"), what="done")
    click(one, "task_correct")
    look_at(one, world.refused["id"])
    one.hands.wait(lambda: one.hands.find("act.value").isVisible(), what="field")
    fill(one, value="0912345678", reason="Anh chị đọc lại số")
    click(one, "act.go")
    look_at(one, world.refused["id"], refusal=None)
    look_at(one, typed["id"], verdict="accepted")
    one.hands.wait(lambda: one.text("story_numbers"), what="x")
    one.app.window.desk.notice.hide()
    one.hands.look("f3_both")
    one.app.window.desk.show_screen("handbook")
    one.app.window.desk.handbook.open_procedure(ISSUED)
    one.hands.look("f6_road")
