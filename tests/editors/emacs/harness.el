;;; -*- lexical-binding: t -*-
;; Waiting for what is expected, and answering questions as a user would.

(defconst milepost-patience 120 "Seconds; a kill limit for what never comes, not a measurement.")

(defun milepost-wait (what condition)
  "Wait until CONDITION holds and return its value; WHAT says what is waited for."
  (let ((end (+ (float-time) milepost-patience)) value)
    (while (and (not (setq value (funcall condition))) (< (float-time) end))
      (accept-process-output nil 0.05))
    (unless value (error "Never happened: %s" what))
    (princ (format "ok - %s\n" what))
    value))

(defvar milepost-answers nil "Beginnings of the choices to take.")

(defun milepost-choose (prompt collection &rest _)
  "Take the first choice of COLLECTION that an answer fits, else fail with PROMPT."
  (let* ((choices (all-completions "" collection))
         (fits (lambda (answer) (seq-find (lambda (choice) (string-prefix-p answer choice)) choices))))
    (or (seq-some fits milepost-answers) (error "Not expected: %s %S" prompt choices))))

(advice-add 'completing-read :override #'milepost-choose)
(advice-add 'y-or-n-p :override #'always)

(defun milepost-open ()
  "Open the wrong program of the course."
  (setq make-backup-files nil create-lockfiles nil)
  (find-file (expand-file-name "average.py" (getenv "MILEPOST_COURSE"))))

(defun milepost-save ()
  "Change the end of the program and save it."
  (goto-char (point-max))
  (insert "\n")
  (save-buffer))
